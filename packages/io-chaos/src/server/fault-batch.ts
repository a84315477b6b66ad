import type { IoFault } from '@ordeal/fault-fs';

/**
 * The faults that an owner has not acknowledged, in order. Batches may be lost, come late or come twice: each fault
 * has a number, and the next batch has it again until it is acknowledged.
 */
export interface FaultBatch {
  /** The number of the first of these faults, from 0; the others follow without a gap. */
  readonly first: number;
  readonly faults: readonly IoFault[];
  /** How many others were dropped since the rules began, because the queue was full. */
  readonly dropped: number;
}

/** Faults in order, and how many others are missing since the report before. */
export interface ReportedFaults {
  readonly faults: readonly IoFault[];
  /** Undefined if it is not known: the server died, or did not answer at the end. */
  readonly dropped: number | undefined;
}

/**
 * The owner's end: finds what is new in each batch. An owner that takes over from one that died begins with what that one had
 * not acknowledged.
 */
export class FaultReceiver {
  /** Undefined before the first batch. */
  #received: number | undefined;
  #dropped = 0;

  /** The number up to which all faults were received: the acknowledgement. */
  get received(): number {
    return this.#received ?? 0;
  }

  /** @returns what no batch before had; undefined if that is nothing */
  accept({ first, faults, dropped }: FaultBatch): ReportedFaults | undefined {
    const received = this.#received ?? first;
    const fresh = faults.slice(received - first);
    const lost = dropped - this.#dropped;
    this.#received = received + fresh.length;
    this.#dropped = Math.max(this.#dropped, dropped);
    return fresh.length > 0 || lost > 0 ? { faults: fresh, dropped: Math.max(0, lost) } : undefined;
  }
}
