import { counted, grouped, ordinal } from './number.js';

/** Which of the matching requests get the fault. */
export interface Share {
  readonly probabilityPercent: number;
  /** The most faults for each target; 0 = no limit. */
  readonly times?: number | undefined;
  /** The number of matches that are let through first. */
  readonly after?: number | undefined;
  /** Then each n-th match. */
  readonly every?: number | undefined;
  readonly seed?: number | undefined;
  /** In a replay: so many requests get it, whatever else is here. */
  readonly replayed?: number | undefined;
}

/** `every 3rd match after the first 2, at most 1 fault for each target`. Pure. */
export function shareWords(share: Share): string {
  const { probabilityPercent, times = 0, after = 0, every = 1, seed, replayed } = share;
  if (replayed !== undefined) return counted(replayed, 'recorded request');
  if (probabilityPercent === 0) return 'no match';
  const match = every === 1 ? 'match' : `${ordinal(every)} match`;
  const all = every === 1 ? 'matches' : `every ${match}`;
  return [
    probabilityPercent === 100 ? `every ${match}` : `${probabilityPercent} % of ${all}`,
    after === 0 ? '' : ` after the first ${grouped(after)}`,
    times === 0 ? '' : `, at most ${counted(times, 'fault')} for each target`,
    seed === undefined ? '' : `, seed ${seed}`,
  ].join('');
}
