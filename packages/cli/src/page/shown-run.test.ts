import assert from 'node:assert/strict';
import test from 'node:test';
import type { RunWithHistory } from '@ordeal/supervisor';
import { shownRun } from './shown-run.js';

const document = `apiVersion: chaos-mesh.org/v1alpha1
kind: IOChaos
metadata: {name: slow}
spec: {mode: one, selector: {namespaces: [a]}, action: latency, delay: 1s, volumePath: /data}
`;
const run: RunWithHistory = {
  name: 'slow',
  state: 'active',
  target: { kind: 'pid', pid: 4211, started: '1' },
  documents: [document],
  since: 0,
  deadline: 10_000,
  fired: 3,
  injections: [],
  history: { since: 0, width: 500, counts: [1, 2] },
};

test('a run is shown in the words of ordeal ps and ordeal attach', () => {
  const shown = shownRun(run, 7000);
  assert.deepEqual(shown.summaries, ['every request under /data becomes 1s slower']);
  assert.equal(shown.target, 'pid 4211');
  assert.match(shown.counts, /^00:07 .* 3 s left$/);
  assert.deepEqual([shown.live, shown.paused, shown.refusal], [true, false, '']);
  assert.equal(shown.faults, run.history);
});

test('what has ended says how, and can only be reported', () => {
  const ended = { reason: 'stopped', at: 4000, early: false } as const;
  const shown = shownRun({ ...run, state: 'ended', ended }, 7000);
  assert.equal(shown.counts, 'lifted after 4 s, stopped: 3 faults');
  assert.equal(shown.live, false);
});

test('what is refused says why', () => {
  const refusal = { code: 'ORD-711', message: 'the volume is held' } as const;
  assert.equal(shownRun({ ...run, refusal }, 0).refusal, 'the volume is held  [ORD-711]');
});
