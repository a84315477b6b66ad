import type { Label, ProgramBuilder } from '@ordeal/bpf';
import type { Convention } from './assemble/convention.js';
import { emitPredicate, type TypedPredicate } from './predicate/index.js';

/** A predicate, checked and ready to become instructions. */
export interface PredicateCode {
  /** As written by the user. */
  readonly text: string;
  /**
   * Emits the evaluation on the arguments of the function that the program is hooked to: falls through where it
   * holds, goes to `otherwise` if it does not or memory cannot be read. Keeps R6 to R9 and the stack above fp-64.
   */
  emit(builder: ProgramBuilder, convention: Convention, otherwise: Label): void;
}

export function predicateCode(typed: TypedPredicate): PredicateCode {
  return {
    text: typed.text,
    emit: (builder, convention, otherwise) =>
      emitPredicate(builder, typed, {
        loadArgument: (target, destination, index) =>
          convention.loadPlainArgument(target, destination, index),
        falseLabel: otherwise,
      }),
  };
}
