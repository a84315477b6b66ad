import type { Random } from '../random.js';
import type { PowerLoss } from './power-loss.js';
import { BLOCK, mergeRanges, type Range, type ReadNow, SECTOR, type UnsyncedFile } from './unsynced-file.js';

/** What becomes of one file. */
export interface FileLoss {
  readonly size: number;
  /** Bytes that are not what was written last, in order; behind the end of the file, those that were cut off. */
  readonly lost: readonly Range[];
}

type Choice = Pick<PowerLoss, 'lose' | 'metadata'>;

/**
 * Chooses what the disk has of a file after a power failure.
 *
 * @param read the file as it is now
 * @param write takes old bytes for the file, which are valid until it returns; the size comes last
 */
export function loseData(
  file: UnsyncedFile,
  choice: Choice,
  random: Random,
  read: ReadNow,
  write: (offset: number, bytes: Uint8Array) => void,
): FileLoss {
  const size = sizeAfter(file, choice, random);
  const lost: Range[] = [];
  const now = new Uint8Array(BLOCK);
  for (const block of blocksAtRisk(file, choice, size)) {
    const old = file.before(block) ?? durableTail(file, block, read);
    read(block * BLOCK, now);
    const whole = random();
    for (let at = 0; at < BLOCK; at += SECTOR) {
      const offset = block * BLOCK + at;
      const bytes = old.subarray(at, at + SECTOR);
      if (offset >= size || !isOld(file, choice, size, offset, whole, random)) continue;
      if (Buffer.compare(bytes, now.subarray(at, at + SECTOR)) === 0) continue;
      write(offset, bytes);
      lost.push({ from: offset, to: Math.min(offset + SECTOR, size) });
    }
  }
  if (file.size > size) lost.push({ from: size, to: file.size });
  return { size, lost: mergeRanges(lost) };
}

/** One that the file had since, or the end of a sector up to which the disk has what was written. */
function sizeAfter(file: UnsyncedFile, { lose }: Choice, random: Random): number {
  const { size, smallest, durableSize, sizes } = file;
  if (lose === 'none') return size;
  if (lose === 'all') return durableSize;
  const first = Math.floor(smallest / SECTOR) + 1;
  const sectors = Math.ceil(size / SECTOR) - first;
  if (sectors > 0) sizes.push((first + Math.floor(random() * sectors)) * SECTOR);
  return sizes[Math.floor(random() * sizes.length)] ?? durableSize;
}

/** Those that have changed; where nothing orders data before the size, those that were appended, too. */
function blocksAtRisk(file: UnsyncedFile, { lose, metadata }: Choice, size: number): number[] {
  if (lose === 'none') return [];
  const blocks = new Set(file.changed);
  if (metadata === 'strict') {
    for (let block = Math.floor(file.durableSize / BLOCK); block * BLOCK < size; block++) blocks.add(block);
  }
  return [...blocks].sort((one, other) => one - other);
}

/** A block that has not changed below the durable size: the disk has nothing behind that. */
function durableTail({ durableSize }: UnsyncedFile, block: number, read: ReadNow): Uint8Array {
  const bytes = new Uint8Array(BLOCK);
  read(block * BLOCK, bytes);
  return bytes.fill(0, Math.min(BLOCK, Math.max(0, durableSize - block * BLOCK)));
}

/** @param whole a throw for the block: a third of them is old, a third is new, the rest is torn */
function isOld(
  file: UnsyncedFile,
  { lose, metadata }: Choice,
  size: number,
  offset: number,
  whole: number,
  random: Random,
): boolean {
  // What lay behind a truncation is there again with the old size, whatever was written since.
  if (lose === 'all' || offset >= file.size) return true;
  // The disk gets what was appended before it gets to know the size.
  if (metadata === 'ordered' && size > file.durableSize && offset + SECTOR > file.durableSize) return false;
  return whole < 1 / 3 || (whole >= 2 / 3 && random() < 0.5);
}
