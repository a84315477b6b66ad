/** include/uapi/asm-generic/fcntl.h; flock(2) requests use the same numbers on the wire. */
export const F_RDLCK = 0;
export const F_WRLCK = 1;
export const F_UNLCK = 2;

/** A locked range of bytes, `end` inclusive. */
export interface LockRange {
  readonly start: bigint;
  readonly end: bigint;
  readonly type: number;
  readonly pid: number;
}

/**
 * What one owner has locked in one file, as fcntl(2) keeps it: ranges in order, of which two of the same type neither
 * overlap nor touch. Pure.
 */
export class LockRanges {
  #ranges: readonly LockRange[] = [];

  get empty(): boolean {
    return this.#ranges.length === 0;
  }

  /** Sets the type of a range: earlier locks in it are replaced, cut or split. */
  set(range: LockRange): void {
    const rest = this.#ranges.flatMap((old) => cut(old, range));
    this.#ranges = range.type === F_UNLCK ? rest : joined([...rest, range]);
  }

  /** The lock of exactly this range and type. */
  find({ start, end, type }: Omit<LockRange, 'pid'>): LockRange | undefined {
    return this.#ranges.find((held) => held.start === start && held.end === end && held.type === type);
  }

  /** The first range that conflicts with `range` of another owner. */
  conflict(range: LockRange): LockRange | undefined {
    return this.#ranges.find(
      (held) =>
        held.start <= range.end &&
        range.start <= held.end &&
        (held.type === F_WRLCK || range.type === F_WRLCK),
    );
  }
}

function joined(ranges: readonly LockRange[]): LockRange[] {
  const result: LockRange[] = [];
  for (const next of [...ranges].sort((one, other) => (one.start < other.start ? -1 : 1))) {
    const last = result.at(-1);
    if (last?.type === next.type && last.end + 1n === next.start)
      result.splice(-1, 1, { ...last, end: next.end });
    else result.push(next);
  }
  return result;
}

function cut(old: LockRange, by: LockRange): LockRange[] {
  if (old.end < by.start || by.end < old.start) return [old];
  const parts: LockRange[] = [];
  if (old.start < by.start) parts.push({ ...old, end: by.start - 1n });
  if (old.end > by.end) parts.push({ ...old, start: by.end + 1n });
  return parts;
}
