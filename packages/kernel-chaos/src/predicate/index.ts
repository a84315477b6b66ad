export { checkSyntax } from './check-syntax.js';
export {
  type CompiledPredicate,
  checkParameters,
  compilePredicate,
  type PredicateRequest,
} from './compile.js';
export { emitPredicate } from './emit.js';
export type { PredicateFrame } from './emit-context.js';
export { evaluatePredicate, type PredicateMemory } from './evaluate.js';
export { formatTyped } from './format.js';
export { kernelMacros, type MacroConstant, type MacroTable } from './macros.js';
export type { PredicateProblem, PredicateText, Span } from './problem.js';
export { formatSystemCall } from './system-calls.js';
export type { TypedNode, TypedPredicate } from './typed.js';
