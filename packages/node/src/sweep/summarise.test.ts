import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BASELINE, sampleRun } from '../testing/sample-runs.js';
import { OUTCOMES } from './outcome.js';
import { firstFailures, groupSites, summarise } from './summarise.js';

const A = ['__x64_sys_mount', 'kmalloc'];
const B = ['__x64_sys_read', 'kmalloc'];
const C = ['__x64_sys_open', 'kmalloc'];

const runs = [
  sampleRun(1, 'survives', A),
  sampleRun(2, 'hangs', B),
  sampleRun(3, 'no fault', []),
  sampleRun(4, 'signal', A),
  sampleRun(5, 'survives', C),
  sampleRun(6, 'signal', A),
  sampleRun(7, 'no fault', [], { words: 'exit 3' }),
];

test('runs are grouped by stack; a site is as bad as its worst run', () => {
  assert.deepEqual(
    groupSites(runs).map(({ example, ...site }) => ({ ...site, example: example.n })),
    [
      { stack: A, outcome: 'signal', outcomes: { survives: 1, signal: 2 }, runs: [1, 4, 6], example: 4 },
      { stack: B, outcome: 'hangs', outcomes: { hangs: 1 }, runs: [2], example: 2 },
      { stack: C, outcome: 'survives', outcomes: { survives: 1 }, runs: [5], example: 5 },
    ],
  );
});

test('the summary counts sites, runs and inconsistent results', () => {
  assert.deepEqual(summarise(runs, BASELINE), {
    faults: 5,
    sites: 3,
    sitesByOutcome: { signal: 1, hangs: 1, survives: 1 },
    runsByOutcome: { survives: 2, hangs: 1, signal: 2 },
    missed: 1,
    unsteady: 1,
    shifted: 0,
    ok: false,
  });
  assert.equal(
    summarise([sampleRun(1, 'clean error', A), sampleRun(2, 'not started', B)], BASELINE).ok,
    true,
  );
  assert.deepEqual(
    firstFailures(runs).map((run) => run.n),
    [2, 4],
  );
});

test('every run with a fault is at exactly one site', () => {
  const run = fc.record({
    outcome: fc.constantFrom(...OUTCOMES, 'no fault' as const),
    stack: fc.constantFrom(A, B, C, []),
  });
  fc.assert(
    fc.property(fc.array(run), (drawn) => {
      const all = drawn.map(({ outcome, stack }, index) => sampleRun(index + 1, outcome, stack));
      const sites = groupSites(all);
      const numbers = sites.flatMap((site) => site.runs).sort((a, b) => a - b);
      assert.deepEqual(
        numbers,
        all.filter((each) => each.outcome !== 'no fault').map((each) => each.n),
      );
      const severities = sites.map((site) => OUTCOMES.indexOf(site.outcome));
      assert.deepEqual(
        severities,
        [...severities].sort((a, b) => b - a),
      );
      assert.equal(summarise(all, BASELINE).ok, firstFailures(all).length === 0);
    }),
  );
});
