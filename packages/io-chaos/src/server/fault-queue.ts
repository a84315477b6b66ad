import { FaultBacklog, type IoFault } from '@ordeal/fault-fs';
import type { FaultBatch } from './fault-batch.js';

/** The server's end: the faults of a group until its owner acknowledges them. */
export class FaultQueue {
  /** Limits how many are queued. */
  readonly backlog = new FaultBacklog();
  #faults: IoFault[] = [];
  /** The number of the first one. */
  #first = 0;
  #dropped = 0;

  /** Room for it was taken from the backlog before. */
  add(fault: IoFault): void {
    this.#faults.push(fault);
  }

  /** Removes the faults before this number. One that was acknowledged before changes nothing. */
  acknowledge(received: number): void {
    const removed = this.#faults.splice(0, Math.max(0, received - this.#first));
    this.#first += removed.length;
    this.backlog.release(removed.length);
  }

  /** All that are queued. */
  batch(): FaultBatch {
    this.#dropped += this.backlog.takeDropped();
    return { first: this.#first, faults: [...this.#faults], dropped: this.#dropped };
  }
}
