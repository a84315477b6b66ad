import type { MessageMemory } from '../wire/index.js';

/** The source of a session's requests and the destination of its replies: `/dev/fuse`, or lists of a test. */
export interface Channel {
  /** Copies one request to byte `start`. @returns its length, or `-errno`: `-EAGAIN` if none is waiting */
  receive(memory: MessageMemory, start: number): number;
  /** @returns bytes written, or `-errno` */
  send(memory: MessageMemory, start: number, length: number): number;
  /**
   * Sleeps until a request may be waiting, the other descriptor is readable, or the timeout; never longer than
   * {@link LONGEST_WAIT}.
   *
   * @returns whether the other descriptor is readable
   */
  wait(milliseconds: number): boolean;
}

/** A thread in a system call cannot be ended by Node, so none lasts longer than this many milliseconds. */
export const LONGEST_WAIT = 60_000;
