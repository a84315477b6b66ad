import { LITTLE_ENDIAN } from '@ordeal/linux';

/**
 * Why a request at the fault point did or did not fail, in the order of the program's checks. Each target has one
 * u64 for each name, in this order, in the only value of the map `counters`.
 */
export const COUNTER_NAMES = [
  /** The fault point was entered by the target. */
  'reached',
  /** In an interrupt that only ran on top of the target: spared. */
  'sparedInterrupt',
  /** The call chain was active, its predicates true. */
  'inChain',
  /** The predicate on the fault point's own arguments was true. */
  'matched',
  /** The kernel cannot cope with a failure here (`__GFP_NOFAIL`): spared. */
  'sparedNoFail',
  /** Not one of those that `after` and `every` choose. */
  'skipped',
  /** Spared by the random draw of `probability`. */
  'lostDice',
  /** `times` faults had been given already. */
  'usedUp',
  /** Failed. */
  'fired',
  /** A frame was entered but too many threads were inside frames to remember it. */
  'untracked',
] as const;

export type CounterName = (typeof COUNTER_NAMES)[number];
export type Counters = Readonly<Record<CounterName, bigint>>;

/** Bytes of one target's counters: a power of two, so that an index is a shift. */
export const COUNTERS_STRIDE = 128;

/** The offset of a counter in its target's block. */
export function counterOffset(name: CounterName): number {
  return COUNTER_NAMES.indexOf(name) * 8;
}

/** Decodes the value of the map `counters`, one entry a target. */
export function decodeCounters(value: Uint8Array, targets: number): Counters[] {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  return Array.from({ length: targets }, (_, target) => {
    const read = (name: CounterName) =>
      view.getBigUint64(target * COUNTERS_STRIDE + counterOffset(name), LITTLE_ENDIAN);
    return Object.fromEntries(COUNTER_NAMES.map((name) => [name, read(name)])) as Record<CounterName, bigint>;
  });
}

/** The sum over all targets. */
export function sumCounters(counters: readonly Counters[]): Counters {
  const sum = (name: CounterName) => counters.reduce((total, each) => total + each[name], 0n);
  return Object.fromEntries(COUNTER_NAMES.map((name) => [name, sum(name)])) as Record<CounterName, bigint>;
}
