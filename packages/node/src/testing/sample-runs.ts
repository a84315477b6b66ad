import type { Outcome } from '../sweep/outcome.js';
import type { SweepSubject } from '../sweep/sweep-event.js';
import type { Baseline, SweepRun } from '../sweep/sweep-run.js';
import type { SweepState } from '../sweep/sweep-state.js';

/** Test support: invented sweeps. */

export const SUBJECT: SweepSubject = {
  command: ['./parser', 'a b'],
  what: 'slab allocations',
  request: '{"failtype":0,"callchain":[]}',
  under: [],
  kernel: '6.1.0',
  stdin: undefined,
  prepare: undefined,
  check: undefined,
  sameOutput: false,
};

export const BASELINE: Baseline = {
  exit: { kind: 'exited', code: 0 },
  matches: 5,
  elapsedMs: 20,
  stdout: 'aaaa',
};

/** A run of a sweep, `0` as its exit code unless said otherwise. */
export function sampleRun(
  n: number,
  outcome: Outcome | 'no fault',
  stack: readonly string[],
  more: Partial<SweepRun> = {},
): SweepRun {
  return {
    n,
    outcome,
    words: '',
    exit: { kind: 'exited', code: 0 },
    stack: outcome === 'no fault' ? [] : stack,
    thread: outcome === 'no fault' ? '' : 'parser',
    elapsedMs: 10,
    lastLines: [],
    kernelLog: [],
    ...more,
  };
}

export function sampleState(runs: readonly SweepRun[], more: Partial<SweepState> = {}): SweepState {
  return {
    format: 'ordeal-sweep/1',
    subject: SUBJECT,
    baseline: BASELINE,
    runs,
    end: 'settled',
    elapsedMs: 1234,
    again: undefined,
    ...more,
  };
}
