import type { Request } from '@ordeal/fuse';
import type { Work } from '../backing/caller-identity.js';

/** What the reply's body is made of. */
export const REPLY = {
  /** Nothing: the call's success is the answer (fsync). */
  none: 0,
  /** The bytes that the call put into the slot's memory, as many as it returned (read). */
  bytes: 1,
  /** struct fuse_write_out: the number that the call returned. */
  count: 2,
} as const;

/** A system call to be made for a request; its arguments may not be bigints. */
export interface OffloadedCall {
  readonly call: number;
  /** The reply's body; see {@link REPLY}. */
  readonly reply: number;
  /** The identity to assume; `undefined` for the server's own. */
  readonly work: Work | undefined;
}

/**
 * Makes system calls that may take long while the serving thread continues with other requests, and answers the requests that they
 * are for. Only calls on open files are offloaded, which the kernel keeps open until they are answered; nothing that names nodes.
 */
export interface Offload {
  /** Whether other requests wait, which would wait for a call that the serving thread makes. */
  readonly crowded: boolean;
  /** A slot to put the bytes of a call in, or -1 where the serving thread must make the call itself. */
  reserve(size: number): number;
  /** Page-aligned room for a payload. */
  bytes(slot: number): Uint8Array;
  address(slot: number): number;
  /**
   * Begins the call.
   *
   * @param args of the call: descriptor, and for a read or write address, size and offset
   */
  send(slot: number, request: Request, offloaded: OffloadedCall, ...args: readonly number[]): void;
  /** Waits for pending calls. */
  close(): void;
}
