import type { Problem } from '@ordeal/diagnostics';
import { EXIT } from '../exit-code.js';
import type { Output } from '../output/output.js';
import { countProblems, renderProblems } from '../render/problems.js';

/** Reports the problems of documents. @returns the exit code if the command must stop */
export function reportProblems(
  problems: readonly Problem[],
  sources: ReadonlyMap<string, string>,
  json: boolean,
  { out, err }: Output,
): number {
  if (json) out.write(`${JSON.stringify({ type: 'problems', problems })}\n`);
  else err.write(`${renderProblems(problems, sources, err)}${countProblems(problems)}\n`);
  return EXIT.failed;
}
