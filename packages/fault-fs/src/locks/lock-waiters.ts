import type { Parked, Parking } from '@ordeal/fuse';
import type { Node } from '../nodes/node.js';
import type { LockRange } from './lock-ranges.js';

/** A request that waits for a lock. */
export interface LockWaiter {
  readonly node: Node;
  readonly owner: bigint;
  /** `undefined` for flock(2), which looks for no deadlocks. */
  readonly range: LockRange | undefined;
  parked: Parked | undefined;
  /** How often it was tried, which lengthens the pause before the next try. */
  tries: number;
}

/**
 * All requests that wait for locks. Each retries when a lock of the same node is released here, and after a pause,
 * because locks may also be held by users of the original tree.
 */
export class LockWaiters {
  readonly #waiters = new Set<LockWaiter>();

  add(waiter: LockWaiter): void {
    this.#waiters.add(waiter);
  }

  remove(waiter: LockWaiter): void {
    this.#waiters.delete(waiter);
  }

  /** A lock on `node` was released. */
  hasten(node: Node, parking: Parking): void {
    for (const waiter of this.#waiters) {
      if (waiter.node === node && waiter.parked) parking.hasten(waiter.parked);
    }
  }

  /**
   * Whether waiting would deadlock: `owner` would wait for an owner that waits, directly or through others, for `owner`.
   * Only fcntl(2) locks count, as in the kernel (fs/locks.c, posix_locks_deadlock).
   */
  wouldDeadlock(node: Node, owner: bigint, range: LockRange): boolean {
    const seen = new Set<bigint>();
    const open: { node: Node; range: LockRange; owner: bigint }[] = [{ node, range, owner }];
    for (let next = open.pop(); next; next = open.pop()) {
      for (const holder of conflicting(next.node, next.owner, next.range)) {
        if (holder === owner) return true;
        if (seen.has(holder)) continue;
        seen.add(holder);
        for (const waiter of this.#waiters) {
          if (waiter.owner === holder && waiter.range) {
            open.push({ node: waiter.node, range: waiter.range, owner: holder });
          }
        }
      }
    }
    return false;
  }
}

function* conflicting(node: Node, owner: bigint, range: LockRange): Iterable<bigint> {
  for (const [other, held] of node.lockOwners ?? []) {
    if (other !== owner && held.ranges.conflict(range)) yield other;
  }
}
