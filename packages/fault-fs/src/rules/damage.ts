import type { Random } from '../random.js';
import type { Mistake } from './io-rule.js';

/**
 * Damages `bytes` in place: each piece lies at a random place and is 1 to `maxLength` bytes long, as far as they go.
 *
 * @returns how many bytes the pieces have, which may overlap
 */
export function damage(bytes: Uint8Array, mistake: Mistake, random: Random): number {
  let damaged = 0;
  if (bytes.length === 0) return damaged;
  const upTo = (limit: number) => 1 + Math.floor(random() * limit);
  for (let count = upTo(mistake.maxOccurrences); count > 0; count--) {
    const start = Math.floor(random() * bytes.length);
    const end = start + upTo(Math.min(mistake.maxLength, bytes.length - start));
    damaged += end - start;
    if (mistake.filling === 'zero') bytes.fill(0, start, end);
    else for (let at = start; at < end; at++) bytes[at] = Math.floor(random() * 256);
  }
  return damaged;
}
