/**
 * The owner of a lock on an original file. It is encoded in the offset of the descriptor that carries the lock, which
 * is not used otherwise: so the owner is known as long as the lock exists, even after its server has died.
 */
export interface LockMark {
  /** As in {@link FileLock.kind}. */
  readonly kind: (typeof KINDS)[number];
  readonly pid: number;
  /** The descriptor of that process through which it was taken. */
  readonly number: number;
}

const KINDS = ['POSIX', 'OFDLCK', 'FLOCK'] as const;
/** Process ids are below 2^22 (PID_MAX_LIMIT); the kind comes below them, from 1. */
const PID_FACTOR = 4;
const NUMBER_FACTOR = 2 ** 24;

/** The offset that encodes a mark. */
export function offsetOf({ kind, pid, number }: LockMark): number {
  return KINDS.indexOf(kind) + 1 + pid * PID_FACTOR + number * NUMBER_FACTOR;
}

/** Decodes an offset. */
export function readMark(offset: number): LockMark | undefined {
  const kind = KINDS[(offset % PID_FACTOR) - 1];
  if (kind === undefined) return undefined;
  const pid = Math.floor((offset % NUMBER_FACTOR) / PID_FACTOR);
  return { kind, pid, number: Math.floor(offset / NUMBER_FACTOR) };
}
