/** What a power failure leaves of what was not made durable. */
export interface PowerLoss {
  /** `all`: nothing of it. `none`: everything. `random`: some of it, by the seed; writes are torn between sectors. */
  readonly lose: 'all' | 'none' | 'random';
  /**
   * `ordered`, as ext4, XFS and Btrfs do it: names change in the order of the calls, and fsync(2) of a file keeps its
   * names. `strict`, as POSIX has it: every name stands for itself, and only fsync(2) of its directory keeps it.
   */
  readonly metadata: 'ordered' | 'strict';
  /** The same seed makes the same choice among the same changes. */
  readonly seed: number;
}

/** What a rule says of it: without a seed, each cut draws one. */
export interface PowerLossSettings extends Omit<PowerLoss, 'seed'> {
  readonly seed?: number | undefined;
}

/** Returns numbers from 0 up to but not including 1. */
export type Dice = () => number;

/** Dice that fall the same for the same seed: mulberry32. */
export function seededDice(seed: number): Dice {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
