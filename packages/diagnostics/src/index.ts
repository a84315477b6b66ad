export { Attempts } from './attempts.js';
export { type Code, type CodeEntry, codes } from './codes.js';
export { ERRNO, type ErrnoName, errnoName } from './errno.js';
export { type ErrorDetails, OrdealError, ProblemsError, UnsupportedError } from './error.js';
export { renderProblem } from './excerpt.js';
export { editDistance, nearestNames } from './nearest.js';
export { renderObjectProblem } from './object-problem.js';
export type { Place, Problem } from './problem.js';
export { wrapText } from './wrap.js';
