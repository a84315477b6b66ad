import type { Random } from '../random.js';
import type { Mistake } from './io-rule.js';

/**
 * Damages `bytes` in place: each piece lies at a random place and is 1 to `maxLength` bytes long, as far as they go.
 *
 * @param elsewhere damages a piece, which begins at `start`, by what is not in it: returns how many bytes
 * @returns how many bytes the pieces have, which may overlap
 */
export function damage(
  bytes: Uint8Array,
  mistake: Mistake,
  random: Random,
  elsewhere: (piece: Uint8Array, start: number) => number = () => 0,
): number {
  let damaged = 0;
  if (bytes.length === 0) return damaged;
  const upTo = (limit: number) => 1 + Math.floor(random() * limit);
  for (let count = upTo(mistake.maxOccurrences); count > 0; count--) {
    const start = Math.floor(random() * bytes.length);
    const end = start + upTo(Math.min(mistake.maxLength, bytes.length - start));
    const piece = bytes.subarray(start, end);
    damaged += ofReads(mistake) ? elsewhere(piece, start) : piece.length;
    if (mistake.filling === 'zero') piece.fill(0);
    else if (mistake.filling === 'flip') flip(piece, random);
    else if (mistake.filling === 'random') fill(piece, () => Math.floor(random() * 256));
  }
  return damaged;
}

/** Whether it needs to know the file, and damages only what is read. */
export function ofReads({ filling }: Mistake): boolean {
  return filling === 'misplaced' || filling === 'stale' || filling === 'sticky';
}

/** One bit of each byte. */
export function flip(piece: Uint8Array, random: Random): void {
  fill(piece, (byte) => byte ^ (1 << Math.floor(random() * 8)));
}

function fill(piece: Uint8Array, become: (byte: number) => number): void {
  for (const [at, byte] of piece.entries()) piece[at] = become(byte);
}
