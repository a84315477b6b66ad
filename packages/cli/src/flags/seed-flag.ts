import { OrdealError } from '@ordeal/diagnostics';

/** `--seed`. @param bits of the largest seed @throws OrdealError ORD-901 */
export function seedFlag(text: string | undefined, bits: 31 | 32): number | undefined {
  if (text === undefined) return undefined;
  const seed = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (seed < 2 ** bits) return seed;
  throw new OrdealError('ORD-901', `--seed: '${text}' is not a whole number below 2^${bits}`);
}
