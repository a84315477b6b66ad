/** Weyl constant and multipliers of SplitMix64 (Steele, Lea, Flood 2014). */
export const SPLIT_MIX = {
  step: 0x9e3779b97f4a7c15n,
  rounds: [
    { shift: 30, factor: 0xbf58476d1ce4e5b9n },
    { shift: 27, factor: 0x94d049bb133111ebn },
  ],
  lastShift: 31,
} as const;

/** Where the sequence of a seed begins. Pure. */
export function seedStart(seed: number): bigint {
  return mix(BigInt(seed) + SPLIT_MIX.step);
}

/** The draw for a match, from 1, as the program at the fault point computes it: 0 to 2^32 - 1. Pure. */
export function seededDraw(seed: number, match: number): number {
  return Number(mix(seedStart(seed) + BigInt(match) * SPLIT_MIX.step) >> 32n);
}

function mix(value: bigint): bigint {
  let mixed = BigInt.asUintN(64, value);
  for (const { shift, factor } of SPLIT_MIX.rounds)
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> BigInt(shift))) * factor);
  return mixed ^ (mixed >> BigInt(SPLIT_MIX.lastShift));
}
