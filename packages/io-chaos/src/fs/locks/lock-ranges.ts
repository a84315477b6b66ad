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

/** What one owner has locked in one file: ranges that do not overlap, as fcntl(2) keeps them. Pure. */
export class LockRanges {
  #ranges: readonly LockRange[] = [];

  get empty(): boolean {
    return this.#ranges.length === 0;
  }

  /** Sets the type of a range: earlier locks in it are replaced, cut or split. */
  set(range: LockRange): void {
    const rest = this.#ranges.flatMap((old) => cut(old, range));
    this.#ranges = range.type === F_UNLCK ? rest : [...rest, range];
  }

  /** The first range that stands in the way of `range` of another owner. */
  conflict(range: LockRange): LockRange | undefined {
    return this.#ranges.find(
      (held) =>
        held.start <= range.end &&
        range.start <= held.end &&
        (held.type === F_WRLCK || range.type === F_WRLCK),
    );
  }
}

function cut(old: LockRange, by: LockRange): LockRange[] {
  if (old.end < by.start || by.end < old.start) return [old];
  const parts: LockRange[] = [];
  if (old.start < by.start) parts.push({ ...old, end: by.start - 1n });
  if (old.end > by.end) parts.push({ ...old, start: by.end + 1n });
  return parts;
}
