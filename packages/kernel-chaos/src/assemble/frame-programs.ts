import { FP, type Label, ProgramBuilder, type ProgramSpec, R0, R1, R2, R3, R4, R6, R8 } from '@ordeal/bpf';
import type { Blueprint, ChainFrame } from './blueprint.js';
import { count, locateCounters } from './count.js';
import { enterScope, leaveScope } from './enter-scope.js';
import { jumpInInterrupt } from './spare.js';
import { activeLevel, depthOffset, forgetThread, LEVEL, lookupThread, THREAD_KEY } from './thread-state.js';

/**
 * The programs that follow the call chain: for each function in it one at entry and one at return, and one that
 * forgets threads that ended inside. Returns stand before entries: attached in this order, no entry is remembered
 * whose return would be missed.
 */
export function framePrograms(blueprint: Blueprint): ProgramSpec[] {
  if (blueprint.frames.length === 0) return [];
  const functions = [...new Set(blueprint.frames.map((frame) => frame.function))];
  const tracing = blueprint.convention.mechanism === 'fmod_ret';
  return [
    forgetEndedThreads(),
    ...functions.map(
      (name): ProgramSpec => ({
        name: `leave_${name}`,
        attachment: { kind: tracing ? 'fexit' : 'kretprobe', function: name },
        instructions: leaveFrame(blueprint).build(),
      }),
    ),
    ...functions.map(
      (name): ProgramSpec => ({
        name: `enter_${name}`,
        attachment: { kind: tracing ? 'fentry' : 'kprobe', function: name },
        instructions: enterFrame(blueprint, name).build(),
      }),
    ),
  ];
}

/**
 * At entry: if this function is the next frame of the chain and its predicate holds, remember this
 * activation. Matching each frame as early as possible finds a match whenever there is one.
 */
function enterFrame(blueprint: Blueprint, name: string): ProgramBuilder {
  const { convention, facts, frames } = blueprint;
  const entered = enterScope(blueprint);
  const { builder, out } = entered;
  const fresh = builder.label('nothing entered yet');
  jumpInInterrupt(builder, facts, out);
  lookupThread(builder);
  builder.jumpImmediate('eq', R0, 0, fresh).mov(R8, R0);
  convention.loadDepth(builder, R2, 'entry');
  activeLevel(builder, frames.length);
  builder.store('u64', R8, LEVEL, R1);
  frames.forEach((frame, index) => {
    if (index === 0 || frame.function !== name) return;
    const next = builder.label(`not frame ${index}`);
    builder
      .load('u64', R1, R8, LEVEL)
      .note(`waiting for frame ${index}?`)
      .jumpImmediate('ne', R1, index, next);
    testPredicate(builder, frame, blueprint, out);
    convention.loadDepth(builder, R2, 'entry');
    builder
      .store('u64', R8, depthOffset(index), R2)
      .storeImmediate('u64', R8, LEVEL, index + 1)
      .goto(out);
    builder.place(next);
  });
  if (frames[0]?.function !== name) {
    builder.place(fresh);
    return leaveScope(entered);
  }
  // A state of level 0 is one whose frames were all found stale: the outermost frame is awaited again.
  builder.load('u64', R1, R8, LEVEL).jumpImmediate('ne', R1, 0, out).place(fresh);
  testPredicate(builder, frames[0], blueprint, out);
  const full = builder.label('no room');
  remember(builder, blueprint, full, out);
  builder.place(full);
  locateCounters(builder, blueprint.scopes.length);
  count(builder, 'untracked');
  return leaveScope(entered);
}

function testPredicate(
  builder: ProgramBuilder,
  frame: ChainFrame,
  { convention }: Blueprint,
  out: Label,
): void {
  frame.predicate?.emit(builder, convention, out);
}

/** Stores a state with the outermost frame entered. Goes to `full` if there is no room for another thread. */
function remember(builder: ProgramBuilder, { convention }: Blueprint, full: Label, out: Label): void {
  builder.call('get_current_task').store('u64', FP, THREAD_KEY, R0);
  builder.loadMap(R1, 'threads').mov(R2, FP).aluImmediate('add', R2, THREAD_KEY);
  builder.loadMapValue(R3, 'blank').constant(R4, 0).call('map_update_elem').jumpImmediate('ne', R0, 0, full);
  lookupThread(builder);
  builder.jumpImmediate('eq', R0, 0, full);
  convention.loadDepth(builder, R2, 'entry');
  builder.store('u64', R0, depthOffset(0), R2).storeImmediate('u64', R0, LEVEL, 1).goto(out);
}

/**
 * At return: frames at or below this activation are no longer active. Checks no scope: a thread that was in scope when
 * it entered must be followed out, whatever its scope is now.
 */
function leaveFrame({ convention, facts, frames }: Blueprint): ProgramBuilder {
  const builder = new ProgramBuilder();
  const out = builder.label('out');
  const keep = builder.label('keep');
  builder.mov(R6, R1);
  lookupThread(builder);
  builder.jumpImmediate('eq', R0, 0, out).mov(R8, R0);
  jumpInInterrupt(builder, facts, out);
  builder.mov(R0, R8);
  convention.loadDepth(builder, R2, 'return');
  activeLevel(builder, frames.length);
  builder.store('u64', R8, LEVEL, R1).jumpImmediate('ne', R1, 0, keep);
  forgetThread(builder);
  return builder.place(keep).place(out).constant(R0, 0).exit();
}

/**
 * When a task is freed its address may be given to another, so nothing must be remembered under it. This is the last
 * moment of a task (`sched_process_free(struct task_struct *)`, include/trace/events/sched.h).
 */
function forgetEndedThreads(): ProgramSpec {
  const builder = new ProgramBuilder().load('u64', R2, R1, 0).store('u64', FP, THREAD_KEY, R2);
  forgetThread(builder);
  return {
    name: 'forget_thread',
    attachment: { kind: 'raw_tracepoint', tracepoint: 'sched_process_free' },
    instructions: builder.constant(R0, 0).exit().build(),
  };
}
