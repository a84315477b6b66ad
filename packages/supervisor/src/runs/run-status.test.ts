import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_COUNTS } from '../engine.js';
import type { Phase, Status } from '../status.js';
import { stateOf } from './run-status.js';

const injection = (phase: Phase, more: Partial<Status> = {}): Status => ({
  id: 'run/0',
  kind: 'IOChaos',
  experiment: 'faults',
  target: { kind: 'pid', pid: 1 },
  phase,
  since: 0,
  paused: false,
  outdated: false,
  armings: 1,
  counts: NO_COUNTS,
  sites: [],
  left: [],
  ...more,
});

const state = (...phases: Phase[]) =>
  stateOf(
    phases.map((phase) => injection(phase)),
    false,
  );

test('a run is what needs attention first', () => {
  assert.equal(state('active', 'failed'), 'failed');
  assert.equal(state('active', 'pending'), 'arming');
  assert.equal(state('active', 'waiting', 'ended'), 'active');
  assert.equal(state('waiting', 'ended'), 'waiting');
  assert.equal(state(), 'scheduled');
  assert.equal(stateOf([injection('paused')], true), 'paused');
  const refusal = { code: 'ORD-711', message: 'busy' } as const;
  assert.equal(stateOf([injection('active', { refusal })], false), 'failed');
});
