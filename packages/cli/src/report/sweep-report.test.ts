import assert from 'node:assert/strict';
import test from 'node:test';
import type { Outcome, SweepRun, SweepState } from '@ordeal/node';
import { renderSweepReport } from '@ordeal/ui';
import { sweepReport } from './sweep-report.js';

const run = (n: number, outcome: Outcome | 'no fault', place: string, more: Partial<SweepRun> = {}) => ({
  ...{ n, outcome, words: '', exit: { kind: 'exited', code: 0 } as const, thread: 'save', elapsedMs: 10 },
  ...{ stack: outcome === 'no fault' ? [] : [place], lastLines: [], kernelLog: [] },
  ...more,
});

const state = (runs: readonly SweepRun[], more: Partial<SweepState['subject']> = {}): SweepState => ({
  format: 'ordeal-sweep/1',
  subject: {
    ...{ command: ['./save', 'a b'], what: 'writes/fsyncs', how: 'once', request: '{"errno":5}' },
    ...{ under: ['/data'], error: 'EIO', kernel: '6.1.0', stdin: undefined, prepare: undefined },
    ...{ check: './intact', sameOutput: false },
    ...more,
  },
  baseline: { exit: { kind: 'exited', code: 0 }, matches: 4, elapsedMs: 5, stdout: '' },
  runs,
  end: 'settled',
  elapsedMs: 4000,
  again: 'ordeal sweep --check=./intact io.yaml',
});

const runs = [
  run(1, 'survives', 'fsync t.db'),
  run(2, 'wrong', 'write t.db', { words: 'check: exit 1', lastLines: ['saved <b>', 'done'] }),
  run(3, 'clean error', 'write t.db', { words: 'exit 1, "no"' }),
  run(4, 'no fault', ''),
];

test('sites and outcomes are a matrix, worst first, and each bad site says how to repeat it', () => {
  const report = sweepReport(state(runs));
  assert.deepEqual(report.outcome, { kind: 'failed', words: 'swept: 2 sites, 3 faults, 4 s' });
  assert.deepEqual(report.outcomes, ['wrong', 'clean error', 'survives']);
  assert.deepEqual(
    report.sites.map(({ place, failed, counts, words }) => [place, failed, counts, words]),
    [
      ['write t.db', true, [1, 1, 0], 'run 2, check: exit 1'],
      ['fsync t.db', false, [0, 0, 1], 'run 1'],
    ],
  );
  assert.deepEqual(report.failures, [
    {
      title: 'run 2: wrong, check: exit 1',
      place: 'write t.db, in save; 2 runs failed here',
      repeat: "sudo ordeal sweep --check=./intact io.yaml --only 2 -- ./save 'a b'",
      lost: [],
      lastLines: ['saved <b>', 'done'],
      kernelLog: [],
    },
  ]);
  assert.deepEqual(report.notes, [
    '1 run saw no fault: the command does not make the same requests every time',
  ]);
});

test('what a power cut took away is told', () => {
  const entries = [{ kind: 'create' as const, path: '/data.new' }];
  const cut = { ended: true, seed: 4, files: [], entries };
  const report = sweepReport(
    state([run(1, 'wrong', 'after the end', { cut })], { what: 'cut of the power', how: 'cut' }),
  );
  assert.deepEqual(report.failures[0]?.lost, ['/data.new   is not there: it was made']);
});

test('the page has all of it, loads nothing and runs nothing', () => {
  const page = renderSweepReport(sweepReport(state(runs)));
  assert.match(page, /<tr class="failed"><th scope="row">write t\.db<\/th><td>1<\/td><td>1<\/td><td><\/td>/);
  assert.match(page, /<h3>run 2: wrong, check: exit 1<\/h3>/);
  assert.match(page, /saved &lt;b&gt;\ndone/);
  assert.match(page, /&quot;errno&quot;: 5/);
  assert.match(page, /default-src &#39;none&#39;/);
  assert.doesNotMatch(page, /<(script|link|img|iframe)|src=|href=|url\(|@import/);
});

test('of very many bad sites the first are shown whole', () => {
  const many = Array.from({ length: 300 }, (_, at) => run(at + 1, 'signal', `write ${at}`));
  const report = sweepReport(state(many));
  assert.equal(report.sites.length, 300);
  assert.equal(report.failures.length, 200);
  assert.deepEqual(report.notes, ['Of 300 bad sites, 200 are shown whole.']);
});
