import assert from 'node:assert/strict';
import test from 'node:test';
import type { RunEvent } from '@ordeal/node';
import { volumeFaults } from '../testing/volume-faults.js';
import { RunRecorder } from './run-recorder.js';
import { runReport } from './run-report.js';

const at = (second: number) => new Date(Date.UTC(2026, 10, 20, 12, 0, second)).toISOString();

const none = {
  ...{ reached: 0n, sparedInterrupt: 0n, inChain: 0n, matched: 0n, sparedNoFail: 0n },
  ...{ skipped: 0n, lostDice: 0n, usedUp: 0n, fired: 0n, untracked: 0n },
};
const write = (reached: number, fired: number) => ({
  experiment: 'slow-writes',
  counters: { ...none, reached: BigInt(reached), fired: BigInt(fired) },
  methods: [{ method: 'write' as const, reached, fired }],
  elapsedMs: 2000,
});

const faults = volumeFaults({ action: 'fault', errno: 5, methods: ['write'], volumePath: '/data' });
const events: readonly RunEvent[] = [
  { type: 'command-started', at: at(0), command: ['sh'], pid: 7, cgroup: undefined },
  {
    ...{ type: 'armed', at: at(1), experiment: 'slow-writes', faults },
    ...{ targets: ['sh'], durationNs: 5_000_000_000n, probabilityPercent: 50, times: 0 },
    ...{ programs: 0, armingMs: 12 },
  },
  { type: 'counters', at: at(2), ...write(6, 3), remainingMs: 4000 },
  { type: 'counters', at: at(3), ...write(9, 4), remainingMs: 3000 },
  { type: 'lifted', at: at(4), ...write(12, 5), reason: 'duration', sites: [], faults },
  {
    type: 'processes-ended',
    at: at(5),
    ended: [
      {
        ...{ command: 'dd', fromStart: true, exitCode: 1, signal: undefined, count: 1, pids: [9] },
        ...{ firstAt: at(3), lastAt: at(3) },
      },
    ],
    others: 0,
  },
  { type: 'kernel-log-clean', at: at(5) },
  { type: 'run-ended', at: at(5), exitCode: 0, faults: 5n, endedEarly: false },
];

function recorded(): RunRecorder {
  const recorder = new RunRecorder({ hasCommand: true, endsCommand: false, several: false });
  for (const event of events) recorder.hear(event);
  return recorder;
}

test('a report is made from the events of a run', () => {
  const context = {
    sources: ['kind: IOChaos\n'],
    repeat: "sudo ordeal run io.yaml -- sh -c 'a b'",
    command: ['sh', '-c', 'a b'],
  };
  const report = runReport(recorded(), { ...context, failure: undefined }, Date.parse(at(5)));
  assert.equal(report.title, 'slow-writes');
  assert.deepEqual(report.outcome, { kind: 'ok', words: '5 faults' });
  assert.deepEqual(report.facts[0], ['command', "sh -c 'a b'"]);
  assert.deepEqual(
    report.facts.find(([name]) => name === 'lasted'),
    ['lasted', '5 s'],
  );
  assert.equal(report.repeat, "sudo ordeal run io.yaml -- sh -c 'a b'");
  assert.deepEqual(report.documents, ['kind: IOChaos\n']);
  assert.deepEqual(report.processes, ['  dd (pid 9) ended with exit code 1']);
  const [experiment] = report.experiments;
  assert.equal(experiment?.summary, 'write under /data fails with EIO');
  assert.deepEqual(experiment?.rows.at(-1), ['outcome', 'lifted after 2 s: 5 faults']);
  assert.deepEqual(experiment?.tables, [
    { head: ['operation', 'matched', 'faults'], rows: [['write', '12', '5']] },
  ]);
  assert.deepEqual(
    report.story.map(({ text }) => text),
    [
      'command started (pid 7)',
      'slow-writes   armed: write under /data fails with EIO',
      'lifted after 2 s: 5 faults',
      'kernel log: clean',
    ],
  );
});

test('the timeline has the faults where they were seen', () => {
  const [timeline] = recorded().faults;
  assert.deepEqual(timeline?.bins, {
    since: Date.parse(at(1)),
    width: 500,
    counts: [0, 1, 2, 0, 1, 0, 1],
  });
});

test('a run that failed says so', () => {
  const context = { sources: [], repeat: '', command: undefined, failure: 'the keeper has died' };
  const recorder = new RunRecorder({ hasCommand: false, endsCommand: false, several: false });
  const report = runReport(recorder, context, 0);
  assert.deepEqual(report.outcome, { kind: 'failed', words: 'the run failed: the keeper has died' });
  assert.deepEqual(report.experiments, []);
});
