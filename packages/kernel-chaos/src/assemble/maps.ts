import type { MapSpec } from '@ordeal/bpf';
import { COUNTERS_STRIDE } from '../counters.js';
import type { Blueprint } from './blueprint.js';
import { threadStateSize } from './thread-state.js';

/** Threads that can be inside frames at once; beyond that, entries are counted as `untracked`. */
const MAX_THREADS = 16_384;
/** Processes that all process trees of one injection may hold. */
const MAX_PROCESSES = 32_768;
/** Distinct kernel stacks that are kept. */
export const MAX_SITES = 4_096;
/** Return addresses kept of each stack. */
export const STACK_DEPTH = 48;

/**
 * The only value of the map `control`: u64 CLOCK_MONOTONIC nanoseconds after which nothing fails (0 = not armed), then
 * u64 number of the match that fails if the blueprint says `single`, counted from 1.
 */
export const CONTROL = { deadline: 0, nth: 8, size: 16 } as const;

/** Bytes of the ring of fault events, a power of two and of pages: 4096 events. */
const EVENT_RING = 1 << 18;

/**
 * The maps of one injection. Everything is preallocated: a program that runs inside the allocator must not allocate.
 */
export function mapSpecs({ scopes, frames: { length: frames }, events }: Blueprint): MapSpec[] {
  const single = { type: 'array', keySize: 4, entries: 1 } as const;
  const maps: MapSpec[] = [
    { ...single, name: 'control', valueSize: CONTROL.size },
    { ...single, name: 'counters', valueSize: COUNTERS_STRIDE * scopes.length },
    // How many faults each target has taken of its `times`: u64 each.
    { ...single, name: 'given', valueSize: 8 * scopes.length },
    // How many matches each target has had, where they are numbered: u64 each.
    { ...single, name: 'matches', valueSize: 8 * scopes.length },
    { name: 'stacks', type: 'stackTrace', keySize: 4, valueSize: 8 * STACK_DEPTH, entries: MAX_SITES },
    // Stack id (u32) to number of faults (u64).
    { name: 'sites', type: 'hash', keySize: 4, valueSize: 8, entries: MAX_SITES },
  ];
  if (events) maps.push({ name: 'events', type: 'ringbuf', keySize: 0, valueSize: 0, entries: EVENT_RING });
  if (frames > 0) {
    // The initial state of a thread: all zero, never written.
    maps.push({ ...single, name: 'blank', valueSize: threadStateSize(frames) });
    // Address of the task (u64) to what it has entered of the chain.
    maps.push({
      name: 'threads',
      type: 'hash',
      keySize: 8,
      valueSize: threadStateSize(frames),
      entries: MAX_THREADS,
    });
  }
  if (scopes.some((scope) => scope.kind === 'process-tree')) {
    // Process id (u32, initial namespace) to the index of its target (u32).
    maps.push({ name: 'members', type: 'hash', keySize: 4, valueSize: 4, entries: MAX_PROCESSES });
  }
  return maps;
}
