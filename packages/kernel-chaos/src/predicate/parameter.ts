import type { CType } from './ctype.js';
import type { Span } from './problem.js';
import type { TypedNode } from './typed.js';

/** A parameter that a predicate can name. */
export interface Parameter {
  readonly name: string;
  readonly type: CType;
  /** Its value, placed where it is used; `undefined` if the type does not fit into a register. */
  value(span: Span): TypedNode | undefined;
}
