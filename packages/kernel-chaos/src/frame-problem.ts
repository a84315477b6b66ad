import type { Problem } from '@ordeal/diagnostics';
import type { Frame } from '@ordeal/experiment';
import { checkSyntax, type PredicateProblem } from './predicate/index.js';

/** A problem of one of a frame's texts. */
type FrameProblem = Omit<PredicateProblem, 'in'> & { readonly in: keyof Frame['source'] };

/** The problem at its place in the file. */
export function frameProblem(frame: Frame, file: string, problem: FrameProblem): Problem {
  const { code, in: where, offset, length, message, hint } = problem;
  const place = frame.source[where]?.placeAt(offset, length) ?? { line: 1, column: 1, length: 1 };
  const text = `${where}: ${message}`;
  return { severity: 'error', code, file, place, message: text, ...(hint ? { hint } : {}) };
}

/** The parts of a frame that are not valid C, whatever the kernel. */
export function frameSyntaxProblems(frame: Frame, file: string): Problem[] {
  return checkSyntax(frame).map((problem) => frameProblem(frame, file, problem));
}
