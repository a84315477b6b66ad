import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sumCounters } from '@ordeal/kernel-chaos';
import type { ArmedFaults } from './armed-faults.js';
import type { LiftReason, RunEvent } from './run-event.js';
import { RUN_EXIT, RunTally } from './run-tally.js';

const faults: ArmedFaults = {
  ...{ kind: 'kernel', what: '', outcome: '', chain: [], innermost: undefined, probability: 100 },
  means: { mechanism: 'fmod_ret', function: '' },
};
const at = '2026-01-01T00:00:00.000Z';

function armed(durationNs: bigint | undefined): RunEvent {
  return {
    type: 'armed',
    at,
    experiment: 'one',
    faults,
    targets: [],
    durationNs,
    probabilityPercent: 100,
    times: 0,
    programs: 0,
    armingMs: 0,
  };
}

function lifted(reason: LiftReason, fired = 1n): RunEvent {
  const counters = { ...sumCounters([]), fired };
  return { type: 'lifted', at, experiment: 'one', reason, elapsedMs: 0, counters, sites: [], faults };
}

function tallyOf(...events: RunEvent[]): RunTally {
  const tally = new RunTally();
  for (const event of events) tally.hear(event);
  return tally;
}

const exitOf = (durationNs: bigint | undefined, reason: LiftReason) =>
  tallyOf(armed(durationNs), lifted(reason)).exitCode(0, false);

test('any early end of faults fails the run', () => {
  assert.equal(exitOf(1n, 'duration'), RUN_EXIT.ok);
  assert.equal(exitOf(1n, 'command ended'), RUN_EXIT.ok);
  for (const reason of ['guardrail', 'failed', 'target ended', 'interrupted'] as const)
    assert.equal(exitOf(1n, reason), RUN_EXIT.endedEarly, reason);
});

test('without a duration, Ctrl-C and the end of the target are the normal end', () => {
  assert.equal(exitOf(undefined, 'interrupted'), RUN_EXIT.ok);
  assert.equal(exitOf(undefined, 'target ended'), RUN_EXIT.ok);
  assert.equal(exitOf(undefined, 'guardrail'), RUN_EXIT.endedEarly);
  const scheduled: RunEvent = { type: 'scheduled', at, experiment: 'one', next: at };
  assert.equal(tallyOf(scheduled, armed(1n), lifted('interrupted')).exitCode(0, false), RUN_EXIT.ok);
});

test('a run that requires faults fails without any', () => {
  assert.equal(tallyOf(armed(1n), lifted('duration', 0n)).exitCode(0, false), RUN_EXIT.ok);
  assert.equal(tallyOf(armed(1n), lifted('duration', 0n)).exitCode(0, true), RUN_EXIT.noFault);
  assert.equal(tallyOf(armed(1n), lifted('duration', 2n)).exitCode(0, true), RUN_EXIT.ok);
  assert.equal(tallyOf().exitCode(0, true), RUN_EXIT.noFault);
});

test('the exit code of the command takes precedence', () => {
  assert.equal(tallyOf(armed(1n), lifted('guardrail')).exitCode(7, true), 7);
});
