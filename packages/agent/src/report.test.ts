import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Injection } from '@ordeal/controller';
import { OrdealError, ProblemsError } from '@ordeal/diagnostics';
import { NO_COUNTS, type Status } from '@ordeal/supervisor';
import { appliedFor, supervisedId, uidOf } from './desired.js';
import { type Known, refusalText, reportDelay, reportOf } from './report.js';

const pod = { namespace: 'shop', name: 'db-0', uid: 'pod-uid' };
const injection: Injection = {
  metadata: {
    namespace: 'chaos',
    name: 'slow-disk-1',
    uid: 'injection-uid',
    resourceVersion: '7',
    generation: 3,
    creationTimestamp: '2026-01-01T00:00:00Z',
  },
  spec: {
    experiment: { kind: 'IOChaos', name: 'slow-disk', uid: 'experiment-uid' },
    nodeName: 'n1',
    pod,
    containerNames: ['app', 'sidecar'],
    deadline: '2026-01-01T00:01:00Z',
    ioChaos: { action: 'latency', delay: '10ms', volumePath: '/data' },
  },
};

function held(container: string, changes: Partial<Status>): Known {
  const status: Status = {
    id: supervisedId('injection-uid', container),
    kind: 'IOChaos',
    experiment: 'slow-disk',
    target: { kind: 'pod-container', namespace: 'shop', pod: 'db-0', uid: 'pod-uid', container },
    phase: 'active',
    since: 0,
    paused: false,
    outdated: false,
    armings: 1,
    counts: NO_COUNTS,
    sites: [],
    left: [],
    ...changes,
  };
  return { status };
}

test('the supervisor gets the document, the container and the deadline', () => {
  const { document, target, deadline } = appliedFor(injection, 'app');
  assert.deepEqual(JSON.parse(document), {
    apiVersion: 'chaos-mesh.org/v1alpha1',
    kind: 'IOChaos',
    metadata: { name: 'slow-disk', namespace: 'chaos' },
    spec: { mode: 'one', selector: {}, action: 'latency', delay: '10ms', volumePath: '/data' },
  });
  assert.deepEqual(target, {
    kind: 'pod-container',
    namespace: 'shop',
    pod: 'db-0',
    uid: 'pod-uid',
    container: 'app',
  });
  assert.equal(deadline, Date.parse('2026-01-01T00:01:00Z'));
  assert.equal(uidOf(supervisedId('injection-uid', 'app')), 'injection-uid');
});

test('it is injected when all its containers are, and counters are summed', () => {
  const counts = { ...NO_COUNTS, fired: 2, methods: [{ method: 'write', reached: 5, fired: 2 }] };
  const known = new Map([
    ['app', held('app', { counts })],
    ['sidecar', held('sidecar', { counts, armings: 3 })],
  ]);
  assert.deepEqual(reportOf(injection, known), {
    observedGeneration: 3,
    phase: 'Injected',
    reason: null,
    message: null,
    faults: 4,
    counters: { 'write.reached': 10, 'write.fired': 4 },
    containers: [
      { name: 'app', phase: 'Injected', restarts: 0 },
      { name: 'sidecar', phase: 'Injected', restarts: 2 },
    ],
  });
});

test('the first container that is not injected gives the reason', () => {
  const refusal = { code: 'ORD-753', message: 'There is no /data in the container' } as const;
  const reasonOf = (known: Known | undefined) => {
    const { phase, reason, message } = reportOf(
      injection,
      new Map([['app', held('app', {})], ...(known ? [['sidecar', known] as const] : [])]),
    );
    return { phase, reason, message };
  };
  const phase = 'Not Injected';
  assert.deepEqual(reasonOf(undefined), { phase, reason: 'Arming', message: null });
  const text = 'There is no /data in the container [ORD-753]';
  assert.deepEqual(reasonOf({ refusal: text }), {
    phase,
    reason: 'Refused',
    message: text,
  });
  assert.deepEqual(reasonOf(held('sidecar', { phase: 'failed', refusal })), reasonOf({ refusal: text }));
  assert.equal(reasonOf(held('sidecar', { phase: 'waiting' })).reason, 'ContainerNotRunning');
  assert.equal(reasonOf(held('sidecar', { phase: 'ended', ended: 'deadline' })).reason, 'DeadlineReached');
  assert.equal(reasonOf(held('sidecar', { phase: 'ended', ended: 'kernel log' })).reason, 'KernelTrouble');
});

test('a report waits a second for containers that are being armed', () => {
  const pending = held('app', { phase: 'pending', since: 5_000 });
  const delay = (now: number, ...known: Known[]) =>
    reportDelay(new Map(known.map((each, i) => [String(i), each])), now);
  assert.equal(delay(5_300, held('sidecar', {}), pending), 700);
  assert.equal(delay(6_000, pending), 0);
  assert.equal(delay(5_300, held('app', {})), 0);
  assert.equal(delay(0, pending), 1_000);
});

test('a document that cannot be applied is refused with each of its problems', () => {
  const { document } = appliedFor(injection, 'app');
  const place = { line: 1, column: 1, length: 1 };
  const problem = { severity: 'error', code: 'ORD-105', file: 'x', place } as const;
  const line = document.split('\n').findIndex((text) => text.includes('delay')) + 1;
  const problems = [
    { ...problem, path: 'spec.percent', message: 'percent: 101 is out of range', hint: '0 to 100' },
    { ...problem, severity: 'note', message: 'a remark' } as const,
    { ...problem, place: { line, column: 15, length: 6 }, message: 'delay is wrong', hint: 'try 1s' },
  ];
  assert.equal(
    refusalText(new ProblemsError(problems), document),
    `spec.percent: 101 is out of range (0 to 100) [ORD-105]
delay is wrong [ORD-105]
   ${String(line).padStart(2)} |     "delay": "10ms",
      |               ^~~~~~  try 1s`,
  );
  assert.equal(
    refusalText(new OrdealError('ORD-753', 'There is no /data'), document),
    'There is no /data [ORD-753]',
  );
});
