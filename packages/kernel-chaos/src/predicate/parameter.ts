import type { CType } from './ctype.js';
import type { Span } from './problem.js';
import type { TypedNode } from './typed.js';

/** Something that a predicate can name because the function is called with it. */
export interface Parameter {
  readonly name: string;
  readonly type: CType;
  /** Its value, placed where it is used; `undefined` where the type is none that fits a register. */
  value(span: Span): TypedNode | undefined;
}
