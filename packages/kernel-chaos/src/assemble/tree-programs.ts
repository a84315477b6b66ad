import { FP, offsetOf, ProgramBuilder, type ProgramSpec, R0, R1, R2, R3, R4, R6, R7 } from '@ordeal/bpf';
import type { Blueprint } from './blueprint.js';
import { readChain } from './read-chain.js';

/**
 * The programs that keep the processes of a tree in the map `members`: a child of a member becomes one, a process
 * whose last thread exits is removed before its id can be given to another.
 */
export function processTreePrograms({ scopes, facts }: Blueprint): ProgramSpec[] {
  if (!scopes.some((scope) => scope.kind === 'process-tree')) return [];
  return [
    {
      name: 'follow_fork',
      attachment: { kind: 'raw_tracepoint', tracepoint: 'sched_process_fork' },
      instructions: followFork(offsetOf(facts.btf, 'task_struct', 'tgid')).build(),
    },
    {
      name: 'forget_exit',
      attachment: { kind: 'raw_tracepoint', tracepoint: 'sched_process_exit' },
      instructions: forgetExit(
        offsetOf(facts.btf, 'task_struct', 'tgid'),
        offsetOf(facts.btf, 'task_struct', 'signal'),
        offsetOf(facts.btf, 'signal_struct', 'live.counter'),
      ).build(),
    },
  ];
}

/** `sched_process_fork(struct task_struct *parent, struct task_struct *child)`: include/trace/events/sched.h */
function followFork(tgid: number): ProgramBuilder {
  const builder = new ProgramBuilder();
  const out = builder.label('out');
  builder.load('u64', R3, R1, 0).load('u64', R6, R1, 8);
  readChain(builder, [tgid], 'u32', out).store('u32', FP, -8, R3).mov(R7, R3);
  builder.loadMap(R1, 'members').mov(R2, FP).aluImmediate('add', R2, -8).call('map_lookup_elem');
  builder.jumpImmediate('eq', R0, 0, out).load('u32', R1, R0, 0).store('u32', FP, -16, R1).mov(R3, R6);
  readChain(builder, [tgid], 'u32', out);
  builder.note('only a thread?').jump('eq', R3, R7, out).store('u32', FP, -8, R3);
  builder
    .loadMap(R1, 'members')
    .mov(R2, FP)
    .aluImmediate('add', R2, -8)
    .mov(R3, FP)
    .aluImmediate('add', R3, -16);
  builder.constant(R4, 0).call('map_update_elem');
  return builder.place(out).constant(R0, 0).exit();
}

/** `sched_process_exit(struct task_struct *)` runs for each thread; `signal->live` is 0 at the last. */
function forgetExit(tgid: number, signal: number, live: number): ProgramBuilder {
  const builder = new ProgramBuilder();
  const out = builder.label('out');
  builder.load('u64', R6, R1, 0).mov(R3, R6);
  readChain(builder, [signal, live], 'u32', out).jumpImmediate('ne', R3, 0, out).mov(R3, R6);
  readChain(builder, [tgid], 'u32', out).store('u32', FP, -8, R3);
  builder.loadMap(R1, 'members').mov(R2, FP).aluImmediate('add', R2, -8).call('map_delete_elem');
  return builder.place(out).constant(R0, 0).exit();
}
