import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunEvent } from '../run-event.js';
import type { RecordedFault, Recording } from './read-record.js';
import { ReplayComparison } from './replay-comparison.js';

const fault = (match: number, path = 'file'): RecordedFault => ({
  ...{ experiment: 'eio', match, method: 'write', path, offsetBytes: 0, sizeBytes: 5 },
});

function compare(
  recorded: readonly RecordedFault[],
  replayed: readonly RecordedFault[],
  more = {},
  exitCode = 1,
) {
  const recording = {
    header: {},
    faults: recorded,
    kernelFaults: 0,
    missesFaults: false,
    exitCode: 1,
    ...more,
  };
  const comparison = new ReplayComparison(recording as unknown as Recording);
  const at = '2026-11-20T12:00:00.000Z';
  for (const each of replayed) comparison.hear({ type: 'io-fault', at, ...each } as unknown as RunEvent);
  const unfinished = comparison.result;
  assert.equal(unfinished, undefined);
  comparison.hear({ type: 'run-ended', at, exitCode, faults: 0n, endedEarly: false });
  const { result } = comparison;
  return [result?.same, result?.repeated, result?.shifted, result?.missing, result?.extra];
}

test('the same faults at the same numbers, in whatever order', () => {
  assert.deepEqual(compare([fault(1), fault(2)], [fault(2), fault(1)]), [true, 2, 0, 0, 0]);
  assert.deepEqual(compare([], []), [true, 0, 0, 0, 0]);
});

test('at the same number another request: said, and not a difference', () => {
  assert.deepEqual(compare([fault(1), fault(2)], [fault(1, 'other'), fault(2)]), [true, 2, 1, 0, 0]);
});

test('missing faults, others, and another end are differences', () => {
  assert.deepEqual(compare([fault(1), fault(2)], [fault(2)]), [false, 1, 0, 1, 0]);
  assert.deepEqual(compare([fault(1)], [fault(1), fault(3)]), [false, 1, 0, 0, 1]);
  assert.deepEqual(compare([fault(1)], [fault(1)], {}, 0), [false, 1, 0, 0, 0]);
});

test('what a record does not say is no difference', () => {
  assert.deepEqual(compare([fault(1)], [fault(1), fault(3)], { missesFaults: true }), [true, 1, 0, 0, 1]);
  assert.deepEqual(compare([fault(1)], [fault(1)], { exitCode: undefined }, 0), [true, 1, 0, 0, 0]);
});

test('the exit code of a command is not compared with a run that had none', () => {
  const recording = { header: {}, faults: [], kernelFaults: 0, missesFaults: false, exitCode: 0 };
  const comparison = new ReplayComparison(recording as unknown as Recording);
  comparison.hear({ type: 'command-started', at: '', command: ['false'], pid: 4, cgroup: undefined });
  comparison.hear({ type: 'run-ended', at: '', exitCode: 1, faults: 0n, endedEarly: false });
  const { result } = comparison;
  assert.deepEqual([result?.same, result?.exitCode, result?.recordedExitCode], [true, 1, undefined]);
});

test('a target with the volume twice has two faults of one number', () => {
  assert.deepEqual(compare([fault(1), fault(1)], [fault(1)]), [false, 1, 0, 1, 0]);
  assert.deepEqual(compare([fault(1), fault(1)], [fault(1), fault(1)]), [true, 2, 0, 0, 0]);
});
