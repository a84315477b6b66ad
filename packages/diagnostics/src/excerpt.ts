import type { Place, Problem } from './problem.js';

/** The caret line of an excerpt never grows past this many columns of tilde. */
const MAX_UNDERLINE = 60;

/**
 * One problem as text, in the layout of the design:
 *
 * ```
 * bananas.yaml:14:33  error  predicate: 'struct qstr' has no member 'nam'  [ORD-2xx]
 *    14 |         predicate: "STRNCMP(name->nam, \"bananas\", 8)"
 *       |                                   ^~~  did you mean 'name'?
 * ```
 *
 * @param source the whole text of the file that the problem's place refers to
 */
export function renderProblem(problem: Problem, source: string): string {
  const { line, column } = problem.place;
  const head = `${problem.file}:${line}:${column}  ${problem.severity}  ${problem.message}  [${problem.code}]`;
  const text = source.split('\n')[line - 1]?.replace(/\r$/, '');
  if (text === undefined || text.trim() === '') return problem.hint ? `${head}\n  ${problem.hint}` : head;
  const gutter = String(line).padStart(5);
  const pad = text.slice(0, column - 1).replace(/[^\t]/g, ' ');
  const underline = caret(problem.place, text);
  const hint = problem.hint ? `  ${problem.hint}` : '';
  return `${head}\n${gutter} | ${text}\n${' '.repeat(gutter.length)} | ${pad}${underline}${hint}`;
}

function caret(place: Place, text: string): string {
  const room = Math.max(1, text.length - place.column + 1);
  const length = Math.min(Math.max(1, place.length), room, MAX_UNDERLINE);
  return `^${'~'.repeat(length - 1)}`;
}
