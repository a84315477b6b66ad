/** Bytes that are kept together. */
export const BLOCK = 4096;
/** Bytes that a disk writes whole or not at all. */
export const SECTOR = 512;

/** Sizes of a file that are remembered, besides the smallest. */
const MOST_SIZES = 64;

/** Reads a file as it is now: fills `bytes` from the offset on, with zeros behind the end of the file. */
export type ReadNow = (offset: number, bytes: Uint8Array) => void;

/** Part of a file, in bytes; `to` is behind the last one. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Where old blocks are kept, by numbers that it gives. */
export interface KeptBlocks {
  add(bytes: Uint8Array): number;
  read(kept: number): Uint8Array;
  write(kept: number, bytes: Uint8Array): void;
  drop(kept: number): void;
}

/** For blocks that are read, and copied at once. */
const block4k = new Uint8Array(BLOCK);

/**
 * What a power failure may take away from one file: its size and the blocks that have changed since they were last made
 * durable, as they were then. The file itself is somewhere else, and so are those blocks.
 */
export class UnsyncedFile {
  readonly #kept: KeptBlocks;
  /** Numbers of the blocks as the disk has them. Only of those that lie below {@link durableSize}. */
  readonly #before = new Map<number, number>();
  /** Those that no sync makes durable, since one has failed for them, until they are written again. */
  readonly #abandoned = new Set<number>();
  #durableSize: number;
  /** Those that it had since. */
  readonly #sizes = new Set<number>();
  #smallest: number;
  #size: number;

  /** @param size in bytes; all of it is durable */
  constructor(size: number, kept: KeptBlocks) {
    this.#kept = kept;
    this.#durableSize = size;
    this.#smallest = size;
    this.#size = size;
  }

  /** Numbers of the blocks that have changed. */
  get changed(): number[] {
    return [...this.#before.keys()];
  }

  /** A block as the disk has it, where it has changed; valid until the next change. */
  before(block: number): Uint8Array | undefined {
    const kept = this.#before.get(block);
    return kept === undefined ? undefined : this.#kept.read(kept);
  }

  /** Bytes that the disk knows of. */
  get durableSize(): number {
    return this.#durableSize;
  }

  /** The smallest size since then: the disk may know of a truncation and not of what was written after it. */
  get smallest(): number {
    return this.#smallest;
  }

  get size(): number {
    return this.#size;
  }

  /** Sizes that the disk may know of, smaller ones than the largest of now and then. */
  get sizes(): number[] {
    const largest = Math.max(this.#durableSize, this.#size);
    const between = [this.#smallest, ...this.#sizes].filter((size) => size < largest);
    return [...new Set([this.#durableSize, this.#size, ...between])];
  }

  /** Whether nothing of it would be lost. */
  get isDurable(): boolean {
    return this.#before.size === 0 && this.#size === this.#durableSize && this.#smallest === this.#size;
  }

  /** To be called before bytes of the file change. */
  changing({ from, to }: Range, read: ReadNow): void {
    this.#keep(from, Math.min(to, this.#durableSize), read);
    if (this.#abandoned.size > 0) for (const block of blocksOf(from, to)) this.#abandoned.delete(block);
  }

  /** To be called after the file has changed. */
  resized(size: number): void {
    this.#size = size;
    if (this.#sizes.size < MOST_SIZES) this.#sizes.add(size);
    this.#smallest = Math.min(this.#smallest, size);
  }

  /** A sync has failed: the size is durable, and what was written is not, whatever is synced later. */
  abandon(read: ReadNow): void {
    if (this.#size > this.#durableSize) this.#keep(this.#durableSize, this.#size, read);
    this.#isDurableFrom(this.#size);
    for (const [block, kept] of this.#before) {
      const end = this.#size - block * BLOCK;
      if (end <= 0) this.#drop(block, kept);
      else if (end < BLOCK) this.#change(kept, (bytes) => bytes.fill(0, end));
    }
    for (const block of this.#before.keys()) this.#abandoned.add(block);
  }

  /** What was abandoned is made durable by the next sync after all. */
  takeUp(): void {
    this.#abandoned.clear();
  }

  /** Everything is durable now, but for what was abandoned. */
  settle(): void {
    for (const [block, kept] of this.#before) if (!this.#abandoned.has(block)) this.#drop(block, kept);
    this.#isDurableFrom(this.#size);
  }

  /** These bytes are durable now, as O_DSYNC promises, and the size as far as they need it. */
  settleRange({ from, to }: Range, read: ReadNow): void {
    // The size that they need is durable only with the truncation before them.
    if (this.#smallest < this.#durableSize) {
      this.settle();
      return;
    }
    if (to > this.#durableSize) this.#grow(from, to, read);
    for (const block of blocksOf(from, to)) {
      const kept = this.#before.get(block);
      if (kept === undefined) continue;
      read(block * BLOCK, block4k);
      const start = Math.max(0, from - block * BLOCK);
      const end = Math.min(BLOCK, to - block * BLOCK);
      this.#change(kept, (bytes) => bytes.set(block4k.subarray(start, end), start));
    }
  }

  /** All that is kept of it is dropped. */
  forget(): void {
    for (const [block, kept] of this.#before) this.#drop(block, kept);
  }

  /** What could be lost, in order. */
  ranges(): Range[] {
    const blocks = this.changed.sort((one, other) => one - other);
    const limit = Math.max(this.#durableSize, this.#size);
    const changed = blocks.map((block) => ({
      from: block * BLOCK,
      to: Math.min((block + 1) * BLOCK, limit),
    }));
    if (this.#size > this.#durableSize) changed.push({ from: this.#durableSize, to: this.#size });
    return mergeRanges(changed);
  }

  /** The disk gets to know a larger size; between its end and `from` it has nothing yet. */
  #grow(from: number, to: number, read: ReadNow): void {
    const end = this.#durableSize;
    if (from > end) this.#keep(end, from, read);
    this.#isDurableFrom(to);
  }

  /** The disk knows this size, and no smaller one. */
  #isDurableFrom(size: number): void {
    this.#durableSize = size;
    this.#smallest = size;
    for (const each of this.#sizes) if (size === this.#size || each < size) this.#sizes.delete(each);
  }

  #keep(from: number, to: number, read: ReadNow): void {
    for (const block of blocksOf(from, to)) {
      if (this.#before.has(block)) continue;
      read(block * BLOCK, block4k);
      block4k.fill(0, Math.min(BLOCK, Math.max(0, this.#durableSize - block * BLOCK)));
      this.#before.set(block, this.#kept.add(block4k));
    }
  }

  #change(kept: number, change: (bytes: Uint8Array) => void): void {
    const bytes = this.#kept.read(kept);
    change(bytes);
    this.#kept.write(kept, bytes);
  }

  #drop(block: number, kept: number): void {
    this.#before.delete(block);
    this.#kept.drop(kept);
  }
}

function* blocksOf(from: number, to: number): Generator<number> {
  for (let block = Math.floor(from / BLOCK); block * BLOCK < to; block++) yield block;
}

/** Neighbours become one. @param ranges in the order of their beginnings */
export function mergeRanges(ranges: readonly Range[]): Range[] {
  const merged: Range[] = [];
  for (const { from, to } of ranges) {
    const last = merged.at(-1);
    if (last && from <= last.to) merged[merged.length - 1] = { from: last.from, to: Math.max(last.to, to) };
    else merged.push({ from, to });
  }
  return merged;
}
