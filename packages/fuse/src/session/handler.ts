import type { Agreement, Reply, Request } from '../wire/index.js';
import type { Parked, Resume } from './parked-requests.js';

/**
 * The result of a request: the length of the body that was written (0 and more), `-errno` (below 0), or one of
 * {@link LATER} and {@link NO_REPLY}.
 */
export type Handling = number;

/** The request was parked; its `resume` answers it. */
export const LATER: Handling = -0x10000;

/** No reply is sent: for FORGET, and for requests whose reply the kernel does not wait for. */
export const NO_REPLY: Handling = -0x10001;

/** What a handler may do besides answering at once. */
export interface Parking {
  /**
   * Lets the request wait for `milliseconds` while others are served. Then, or at the next flush, or when the waiting
   * thread gets a signal, `resume` answers it or lets it wait again. The kernel tells of the first signal alone.
   *
   * @returns what the handler must return, and a handle for {@link Parking.hasten}
   */
  park(request: Request, milliseconds: number, resume: Resume): Parked;
  /** Makes a parked request due now. */
  hasten(parked: Parked): void;
}

/** A file system: answers requests. What it throws becomes EIO and a log line. */
export interface Handler {
  /**
   * Answers one request; called on the serving thread, one at a time. `request` and `reply` are only valid during the
   * call. Requests that it does not know it answers with `-ENOSYS`: the kernel then does without, for ever for most.
   */
  handle(request: Request, reply: Reply, parking: Parking): Handling;
  /** The kernel has the answer to a request. Called before the next one is handled. */
  answered?(): void;
  /** Once, before the first request. */
  agreed?(agreement: Agreement): void;
}
