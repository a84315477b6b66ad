import { renderExcerpt } from './excerpt.js';
import type { Problem } from './problem.js';

/**
 * One problem of an object of an API, whose reader sees fields instead of a file's lines: by its path where that is
 * known, otherwise with what was written and a caret below.
 *
 * ```
 * spec.failKernRequest.callchain[0].funcname: '/x' is not the name of a function (only the name, …) [ORD-120]
 * ```
 *
 * @param source the object as the text that the problem's position refers to
 */
export function renderObjectProblem(problem: Problem, source: string): string {
  const { path, message, hint, code } = problem;
  if (path !== undefined) return `${withPath(path, message)}${hint ? ` (${hint})` : ''} [${code}]`;
  const excerpt = renderExcerpt(problem, source);
  return excerpt === undefined ? `${message} [${code}]` : `${message} [${code}]\n${excerpt}`;
}

/** Messages begin with the field's name: its path replaces that. */
function withPath(path: string, message: string): string {
  const name = path.slice(path.lastIndexOf('.') + 1);
  const next = message.charAt(name.length);
  if (message.startsWith(name) && (next === ':' || next === ' ')) return path + message.slice(name.length);
  return `${path}: ${message}`;
}
