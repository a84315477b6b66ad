import { type Problem, renderProblem } from '@ordeal/diagnostics';
import type { Channel } from '../output/output.js';
import type { State } from '../output/paint.js';
import { counted } from './number.js';

const STATES: Readonly<Record<Problem['severity'], State>> = {
  error: 'failed',
  warning: 'warned',
  note: 'aside',
};

/** Every problem with its line and a caret, in the given order. @param sources text by the file's name */
export function renderProblems(
  problems: readonly Problem[],
  sources: ReadonlyMap<string, string>,
  { paint, wrapAt }: Pick<Channel, 'paint' | 'wrapAt'>,
): string {
  return problems
    .map((problem) => {
      const text = renderProblem(problem, sources.get(problem.file) ?? '', wrapAt);
      const { severity } = problem;
      return `${text.replace(new RegExp(`(?<=  )${severity}(?=\\s)`), (word) => paint(STATES[severity], word))}\n`;
    })
    .join('');
}

/** `2 errors, 1 warning`, or `no problems`. */
export function countProblems(problems: readonly Problem[]): string {
  const counts = (['error', 'warning', 'note'] as const).flatMap((severity) => {
    const count = problems.filter((problem) => problem.severity === severity).length;
    return count === 0 ? [] : [counted(count, severity)];
  });
  return counts.length === 0 ? 'no problems' : counts.join(', ');
}
