import { type Label, ProgramBuilder, R0, R1, R6 } from '@ordeal/bpf';
import type { Blueprint } from './blueprint.js';
import { matchCurrentTask } from './match-scope.js';

/** A program that has established that a target runs it. */
export interface EnteredProgram {
  readonly builder: ProgramBuilder;
  /** Ends the program without effect. */
  readonly out: Label;
}

/**
 * Begins a program: context in R6; it continues only for tasks of a target, with the target's index in R9. For any other
 * task it goes to `out`, as for the injecting process.
 *
 * @param otherwise a second way to belong to a target, for tasks that do not match themselves
 */
export function enterScope(
  blueprint: Blueprint,
  otherwise?: (builder: ProgramBuilder, found: Label) => void,
): EnteredProgram {
  const builder = new ProgramBuilder();
  const found = builder.label('in scope');
  const out = builder.label('out');
  builder.mov(R6, R1);
  matchCurrentTask(builder, blueprint.scopes, blueprint.facts, found);
  otherwise?.(builder, found);
  builder.goto(out);
  builder.place(found).call('get_current_pid_tgid').aluImmediate('rsh', R0, 32);
  builder.note('the injecting process').jumpImmediate('eq', R0, blueprint.self, out);
  return { builder, out };
}

/** Ends what {@link enterScope} began. */
export function leaveScope({ builder, out }: EnteredProgram): ProgramBuilder {
  return builder.place(out).constant(R0, 0).exit();
}
