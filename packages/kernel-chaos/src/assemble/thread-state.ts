import { FP, type Label, type ProgramBuilder, R0, R1, R2 } from '@ordeal/bpf';

/**
 * What a thread has entered of the call chain, the value of the map `threads`, keyed by the address of its task:
 * `level` u64, number of frames matched so far, outermost first; then one u64 depth for each frame (see
 * `Convention.loadDepth`), of which the first `level` are valid and descend.
 */
export const LEVEL = 0;

/** Offset of the depth of the frame at `index`. */
export function depthOffset(index: number): number {
  return 8 + 8 * index;
}

export function threadStateSize(frames: number): number {
  return 8 + 8 * frames;
}

/** Stack slot with the key of the current thread. */
export const THREAD_KEY = -8;

/** R0 = state of the current thread, or 0. Leaves the key at `THREAD_KEY`. */
export function lookupThread(builder: ProgramBuilder): void {
  builder.call('get_current_task').store('u64', FP, THREAD_KEY, R0);
  builder.loadMap(R1, 'threads').mov(R2, FP).aluImmediate('add', R2, THREAD_KEY).call('map_lookup_elem');
}

/** Forgets the current thread; the key is at `THREAD_KEY`. */
export function forgetThread(builder: ProgramBuilder): void {
  builder.loadMap(R1, 'threads').mov(R2, FP).aluImmediate('add', R2, THREAD_KEY).call('map_delete_elem');
}

/**
 * With the state in R0 and the current depth in R2: R1 = the number of remembered frames that are still active, which
 * are those above the current depth. Frames whose return was never seen (the thread left them another way)
 * are dropped here, because the current frame now occupies their part of the stack.
 *
 * Falls through for every level; only R1 changes.
 */
export function activeLevel(builder: ProgramBuilder, frames: number): void {
  const done: Label = builder.label('active');
  builder.load('u64', R1, R0, LEVEL);
  for (let level = frames; level > 0; level--) {
    const next = builder.label(`below ${level}`);
    builder.jumpImmediate('lt', R1, level, next);
    builder.load('u64', 3, R0, depthOffset(level - 1)).jump('gt', 3, R2, done);
    builder.constant(R1, level - 1);
    builder.place(next);
  }
  builder.place(done);
}
