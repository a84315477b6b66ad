import type { Place, Problem } from './problem.js';
import { wrapText } from './wrap.js';

/** The caret line of an excerpt never grows past this many columns of tilde. */
const MAX_UNDERLINE = 60;
/** Digits of a line's number, at least. */
const GUTTER = 5;
/** Columns that a terminal may give a tab. */
const TAB = 8;

/**
 * One problem as text, in this layout:
 *
 * ```
 * bananas.yaml:14:33  error  predicate: 'struct qstr' has no member 'nam'  [ORD-2xx]
 *    14 |         predicate: "STRNCMP(name->nam, \"bananas\", 8)"
 *       |                                   ^~~  did you mean 'name'?
 * ```
 *
 * @param source the whole text of the file that the problem's position refers to
 * @param columns the width of the terminal: sentences are wrapped, and of a longer line what is around the caret is
 * shown
 */
export function renderProblem(problem: Problem, source: string, columns = Number.POSITIVE_INFINITY): string {
  const { line, column } = problem.place;
  const head = wrapText(
    `${problem.file}:${line}:${column}  ${problem.severity}  ${problem.message}  [${problem.code}]`,
    columns,
  );
  const { hint } = problem;
  const excerpt = renderExcerpt(problem, source, columns);
  if (excerpt !== undefined) return `${head}\n${excerpt}`;
  return hint ? `${head}\n${wrapText(`  ${hint}`, columns)}` : head;
}

/** The line that a problem is in, with a caret below it and the hint beside; undefined where the line is blank. */
export function renderExcerpt(
  { place, hint }: Problem,
  source: string,
  columns = Number.POSITIVE_INFINITY,
): string | undefined {
  const { line, column } = place;
  const text = source.split('\n')[line - 1]?.replace(/\r$/, '');
  if (text === undefined || text.trim() === '') return undefined;
  const gutter = String(line).padStart(GUTTER);
  const blank = ' '.repeat(gutter.length);
  const { shown, begin } = cut(text, column - 1, columns - `${gutter} | `.length);
  const pad = shown.slice(0, column - 1 - begin).replace(/[^\t]/g, ' ');
  const marked = `${blank} | ${pad}${caret({ ...place, column: column - begin }, shown)}`;
  return `${gutter} | ${shown}\n${withHint(marked, hint, columns)}`;
}

/** A line, or as much of it around an offset as there is room for, and the offset of what is shown. */
function cut(text: string, offset: number, room: number): { readonly shown: string; readonly begin: number } {
  if (text.replaceAll('\t', ' '.repeat(TAB)).length <= room) return { shown: text, begin: 0 };
  const begin = Math.max(0, Math.min(offset - Math.floor(room / 2), text.length - room));
  const inner = text.slice(begin, begin + room).replaceAll('\t', ' ');
  const head = begin > 0 ? `…${inner.slice(1)}` : inner;
  return { shown: begin + room < text.length ? `${head.slice(0, -1)}…` : head, begin };
}

function caret(place: Place, text: string): string {
  const room = Math.max(1, text.length - place.column + 1);
  const length = Math.min(Math.max(1, place.length), room, MAX_UNDERLINE);
  return `^${'~'.repeat(length - 1)}`;
}

/** Beside the caret where it fits, else below it. */
function withHint(marked: string, hint: string | undefined, columns: number): string {
  if (!hint) return marked;
  const beside = `${marked}  ${hint}`;
  return beside.length <= columns ? beside : `${marked}\n${wrapText(`  ${hint}`, columns)}`;
}
