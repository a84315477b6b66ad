import type { IOChaosSpec } from '@ordeal/experiment';
import type { Counters } from '@ordeal/kernel-chaos';

/** The parts of the experiment that the explanation needs. */
export interface FaultQuestion {
  readonly faultFunction: string;
  /** Innermost function of the call chain; undefined if there is none. */
  readonly innermost: string | undefined;
  readonly probability: number;
}

/** Explains why no fault happened; undefined if one did. */
export function whyNot(
  counters: Counters,
  { faultFunction, innermost, probability }: FaultQuestion,
): string | undefined {
  const { reached, sparedInterrupt, inChain, sparedNoFail, lostDice, fired, skipped, untracked } = counters;
  if (fired > 0n) return undefined;
  if (reached === 0n) return `the targets never reached ${faultFunction}`;
  if (reached === sparedInterrupt)
    return `the targets reached ${faultFunction} in interrupts only, which never fail`;
  if (untracked > 0n && inChain === 0n)
    return 'too many threads were inside the call chain at once to track them all';
  if (inChain === 0n) {
    return `the targets reached ${faultFunction}, but never under ${innermost ?? 'the call chain'}`;
  }
  if (sparedNoFail === inChain)
    return 'all matching requests were ones that the kernel must not fail (__GFP_NOFAIL)';
  if (skipped > 0n && lostDice === 0n) return 'after and every chose none of the matches';
  if (lostDice > 0n)
    return probability === 0 ? 'probability is 0' : `the probability of ${probability} % skipped every match`;
  return 'the predicate on the fault point’s arguments was never true';
}

/** The same for I/O faults. @param only the numbers of the matches that get a fault in a replay */
export function whyNoIoFault(
  { fired, reached }: Pick<Counters, 'fired' | 'reached'>,
  { action, after = 0, every = 1 }: Partial<Pick<IOChaosSpec, 'action' | 'after' | 'every'>> = {},
  only?: readonly number[],
): string | undefined {
  if (fired > 0n) return undefined;
  if (action === 'powerLoss') return 'the power was not cut: see ordeal cut';
  if (reached === 0n) return 'no request matched';
  if (action === 'limit') return 'no request came sooner than the limit allows';
  if (action === 'capacity') return 'there was enough space';
  if (only) return `no request had a recorded number, and there were ${reached}`;
  const first = after + every;
  return reached < BigInt(first)
    ? `the first fault is for matching request ${first}, and there were ${reached}`
    : 'the probability skipped every matching request';
}
