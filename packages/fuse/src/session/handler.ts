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
   * Parks the request for `milliseconds` while others are served. Then, or at the next flush, or when the waiting
   * thread gets a signal, `resume` answers it or parks it again. The kernel reports only the first signal.
   *
   * @returns what the handler must return, and a handle for {@link Parking.hasten}
   */
  park(request: Request, milliseconds: number, resume: Resume): Parked;
  /** Makes a parked request due now. */
  hasten(parked: Parked): void;
}

/** A file system: answers requests. An exception becomes EIO and a log line. */
export interface Handler {
  /**
   * Answers one request; called on the serving thread, one at a time. `request` and `reply` are only valid during the
   * call. It answers unknown requests with `-ENOSYS`: the kernel then stops sending most of them.
   */
  handle(request: Request, reply: Reply, parking: Parking): Handling;
  /** The kernel has received the answer to a request. Called before the next one is handled. */
  answered?(): void;
  /** Once, before the first request. */
  agreed?(agreement: Agreement): void;
}
