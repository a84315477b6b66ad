import type { IOChaosSpec } from '@ordeal/experiment';
import type { IoRuleRequest } from '@ordeal/io-chaos';
import type { IoSweep } from './sweep-request.js';

/** Which crash state a run of a sweep of power cuts makes. */
export interface CutPoint {
  /** The power is cut before this change, from 1. */
  readonly change: number;
  /** Another one for each run, the same for the same run. */
  readonly seed: number;
}

/** The n-th run makes the crash states of a change one after the other. Pure. */
export function cutPointOf({ spec, states }: IoSweep, n: number): CutPoint {
  const first = spec.powerLoss?.seed ?? 0;
  return { change: Math.ceil(n / states), seed: (first + n) % 2 ** 32 };
}

/** The rules of a run in which the n-th request fails, or the power is cut. Pure. */
export function rulesOfRun(sweep: IoSweep, n: number): IoRuleRequest[] {
  if (sweep.spec.action === 'powerLoss') {
    const { change } = cutPointOf(sweep, n);
    return cutRules(sweep, 'halt', { after: change - 1, times: 1 });
  }
  return [rule(sweep.spec, { after: n - 1, times: sweep.from ? 0 : 1 })];
}

/** The rules of a run that only counts. Pure. */
export function countingRules(sweep: IoSweep): IoRuleRequest[] {
  if (sweep.spec.action === 'powerLoss') return cutRules(sweep, 'observe', {});
  return [{ ...rule(sweep.spec, {}), instead: 'observe' }];
}

/** As many rules that match nothing: between runs there are no faults, and nothing counts as not synced. Pure. */
export function idleRules(sweep: IoSweep): IoRuleRequest[] {
  return countingRules(sweep).map(({ spec }) => ({ ...rule(spec, { percent: 0 }), instead: 'observe' }));
}

type Terms = Partial<Pick<IOChaosSpec, 'percent' | 'after' | 'times'>>;

function rule(spec: IOChaosSpec, terms: Terms): IoRuleRequest {
  const all = { percent: 100, after: undefined, every: undefined, times: undefined, seed: undefined };
  return { spec: { ...spec, ...all, ...terms }, duration: undefined };
}

function cutRules({ spec }: IoSweep, instead: 'observe' | 'halt', terms: Terms): IoRuleRequest[] {
  return [rule(spec, {}), { ...rule(spec, terms), instead, changesOnly: true }];
}
