import type { IOChaosSpec } from '@ordeal/experiment';
import type { IoInjection, MethodCount } from '@ordeal/io-chaos';
import { type Counters, sumCounters } from '@ordeal/kernel-chaos';
import { readProcessStatus } from '@ordeal/linux';
import type { VolumeFaults } from './armed-faults.js';
import { soleMatch } from './drawn-seed.js';
import type { IoExperimentSpec } from './io-experiment.js';
import type { LiftReason, RunEvent, UndoLogSize } from './run-event.js';
import type { Target } from './target.js';
import { volumeReach } from './volume-reach.js';

/** Where I/O faults were armed. */
export interface ArmedPlaces {
  readonly targets: readonly Target[];
  readonly injections: readonly IoInjection[];
  readonly armingMs: number;
}

/** How they ended. */
export interface LiftedFaults {
  readonly reason: LiftReason;
  readonly elapsedMs: number;
  readonly methods: readonly MethodCount[];
  readonly undoLog: UndoLogSize | undefined;
}

/** The event that an IOChaos is armed. */
export function armedEvent(
  { name, spec, duration, only }: IoExperimentSpec,
  faults: VolumeFaults,
  { targets, injections, armingMs }: ArmedPlaces,
): RunEvent & { readonly type: 'armed' } {
  const moved = injections.flatMap(({ report }) => report?.processes ?? []);
  return {
    type: 'armed',
    at: new Date().toISOString(),
    experiment: name,
    faults,
    targets: targets.map(({ description }) => description),
    reach: targets.map(volumeReach),
    durationNs: duration,
    probabilityPercent: spec.percent,
    after: spec.after,
    every: spec.every,
    times: spec.times ?? 0,
    seed: spec.seed,
    replayed: only?.length,
    moved: moved.map((each) => ({ ...each, command: readProcessStatus(each.pid)?.name ?? '' })),
    programs: 0,
    armingMs,
  };
}

/** The event that its faults have ended. @param places how many injections it had */
export function liftedEvent(
  work: IoExperimentSpec,
  faults: VolumeFaults,
  places: number,
  { reason, elapsedMs, methods, undoLog }: LiftedFaults,
): RunEvent & { readonly type: 'lifted' } {
  const counters = countersOf(methods);
  return {
    type: 'lifted',
    at: new Date().toISOString(),
    experiment: work.name,
    reason,
    elapsedMs,
    counters,
    methods,
    sites: [],
    seed: work.spec.seed,
    match: places === 1 ? soleMatch(work, counters.fired) : undefined,
    ...(undoLog && { undoLog }),
    faults,
  };
}

/** Of all volumes of a power loss, while they are there; undefined if nobody can tell. */
export async function undoLogOf(
  { action }: IOChaosSpec,
  injections: readonly IoInjection[],
): Promise<UndoLogSize | undefined> {
  if (action !== 'powerLoss') return undefined;
  const all = await Promise.all(injections.map((each) => each.unsynced()));
  const told = all.filter((report) => report !== undefined);
  if (told.length === 0) return undefined;
  const sum = (of: (report: (typeof told)[number]) => number) =>
    told.reduce((total, report) => total + of(report), 0);
  return {
    memoryBytes: sum(({ mostKept }) => mostKept.memory),
    fileBytes: sum(({ mostKept }) => mostKept.file),
    writtenBack: sum(({ writtenBack }) => writtenBack),
  };
}

/** The counters of several places by method. Pure. */
export function methodSums(counts: readonly MethodCount[]): MethodCount[] {
  const sums = new Map<string, MethodCount>();
  for (const { method, reached, fired } of counts) {
    const sum = sums.get(method) ?? { method, reached: 0, fired: 0 };
    sums.set(method, { method, reached: sum.reached + reached, fired: sum.fired + fired });
  }
  return [...sums.values()];
}

/** Their sums as the counters of an experiment. Pure. */
export function countersOf(methods: readonly MethodCount[]): Counters {
  const sum = (key: 'reached' | 'fired') => BigInt(methods.reduce((total, each) => total + each[key], 0));
  return { ...sumCounters([]), reached: sum('reached'), matched: sum('reached'), fired: sum('fired') };
}
