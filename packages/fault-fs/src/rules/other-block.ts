import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { type Request, readRead } from '@ordeal/fuse';
import type { Random } from '../random.js';
import type { Volume } from '../volume.js';

/** Bytes that a disk takes for those of another place, all at once. */
const BLOCK = 4096;

/**
 * What a READ would get from another block of the same file, at the same place in it: for {@link damage}.
 *
 * @returns how many bytes were copied; 0 where there is no other block
 */
export function otherBlock(
  volume: Volume,
  request: Request,
  random: Random,
): (piece: Uint8Array, start: number) => number {
  return (piece, start) => {
    const { fh, offset } = readRead(request);
    const file = volume.files.get(fh);
    if (!file) return 0;
    volume.identity.resume();
    // Opened anew: direct I/O would ask for alignment.
    const reader = openSync(`/proc/self/fd/${file.fd}`, constants.O_RDONLY);
    try {
      const place = otherPlace(Number(offset) + start, fstatSync(reader).size, random);
      return place === undefined ? 0 : readSync(reader, piece, 0, piece.length, place);
    } finally {
      closeSync(reader);
    }
  };
}

/** Where a misdirected read of this place goes, in a file of that size; undefined if there is no other block. Pure. */
export function otherPlace(place: number, size: number, random: Random): number | undefined {
  const within = place % BLOCK;
  const own = Math.floor(place / BLOCK);
  // Only blocks that have this place.
  const blocks = Math.ceil((size - within) / BLOCK);
  if (blocks < 2) return undefined;
  const other = (own + 1 + Math.floor(random() * (blocks - 1))) % blocks;
  return other * BLOCK + within;
}
