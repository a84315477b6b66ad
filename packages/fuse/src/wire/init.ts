import { INIT } from './flags.js';
import type { Reply } from './reply.js';
import { IN_HEADER, type Request } from './request.js';

/** The protocol version of this side. Older minors down to 34 (Linux 5.15) are supported. */
export const PROTOCOL = { major: 7, minor: 45, oldestMinor: 34 } as const;

/** sizeof(struct fuse_init_out) since 7.23. */
export const INIT_OUT = 64;

export interface InitRequest {
  /** {@link INIT} bits; those that the kernel does not offer are not used. */
  readonly flags: number;
  /** INIT2 bits. */
  readonly flags2: number;
  /** Largest WRITE in bytes, a multiple of the page size; READs follow it. */
  readonly maxWrite: number;
  /** How deep file systems may be stacked below passthrough files: 2 allows overlayfs (Linux 6.9). */
  readonly maxStackDepth: number;
}

/** What both sides agreed on. */
export interface Agreement {
  readonly major: number;
  /** The smaller of the two minors. */
  readonly minor: number;
  readonly flags: number;
  readonly flags2: number;
  readonly maxWrite: number;
}

/**
 * Reads fuse_init_in (major 40, minor 44, max_readahead 48, flags 52, flags2 56 since 7.36) and writes fuse_init_out.
 *
 * @returns the agreement, or `undefined` if the kernel's version is not supported; the reply then only contains this
 * side's version, and a newer kernel sends INIT again
 */
export function negotiate(request: Request, reply: Reply, wanted: InitRequest): Agreement | undefined {
  const major = request.u32(IN_HEADER);
  const minor = request.u32(IN_HEADER + 4);
  reply.zero(0, INIT_OUT);
  reply.u32(0, PROTOCOL.major);
  reply.u32(4, PROTOCOL.minor);
  if (major !== PROTOCOL.major || minor < PROTOCOL.oldestMinor) return undefined;

  const readahead = request.u32(IN_HEADER + 8);
  const offered = request.u32(IN_HEADER + 12);
  const extended = (offered & INIT.INIT_EXT) !== 0 && minor >= 36;
  const offered2 = extended ? request.u32(IN_HEADER + 16) : 0;
  const flags = (wanted.flags & offered & ~INIT.INIT_EXT) | (extended ? INIT.INIT_EXT : 0);
  const flags2 = wanted.flags2 & offered2;
  reply.u32(8, readahead);
  reply.u32(12, flags >>> 0);
  // max_background 16, congestion_threshold 18
  reply.u16(16, 64);
  reply.u16(18, 48);
  reply.u32(20, wanted.maxWrite);
  // time_gran 24: nanoseconds
  reply.u32(24, 1);
  // max_pages 28
  reply.u16(28, wanted.maxWrite / 4096);
  reply.u32(32, flags2 >>> 0);
  reply.u32(36, wanted.maxStackDepth);
  return { major, minor: Math.min(minor, PROTOCOL.minor), flags, flags2, maxWrite: wanted.maxWrite };
}
