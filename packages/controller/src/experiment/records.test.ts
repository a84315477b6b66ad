import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InjectedContainer, Injection } from '../api/kinds.js';
import { newRecord, observed } from './records.js';

const target = { namespace: 'shop', pod: 'db-0', podUID: 'u1', nodeName: 'n1', container: 'db' };

function injection(container: Omit<InjectedContainer, 'name'> | undefined, deleting = false): Injection {
  return {
    metadata: {
      name: 'i',
      uid: 'u2',
      resourceVersion: '1',
      creationTimestamp: 't0',
      ...(deleting ? { deletionTimestamp: 't9' } : {}),
    },
    spec: {
      experiment: { kind: 'IOChaos', name: 'e', uid: 'u3' },
      nodeName: 'n1',
      pod: { namespace: 'shop', name: 'db-0', uid: 'u1' },
      containerNames: ['db'],
    },
    ...(container ? { status: { containers: [{ name: 'db', ...container }] } } : {}),
  };
}

test('faults begin and end, and are counted', () => {
  let record = newRecord(target);
  assert.equal(record.id, 'shop/db-0/db');
  assert.equal(observed(record, undefined, 't1'), record);
  assert.equal(observed(record, injection(undefined), 't1'), record);
  record = observed(record, injection({ phase: 'Injected' }), 't1');
  assert.equal(observed(record, injection({ phase: 'Injected' }), 't2'), record);
  record = observed(record, undefined, 't3');
  record = observed(record, injection({ phase: 'Injected' }), 't4');
  assert.deepEqual([record.phase, record.injectedCount, record.recoveredCount], ['Injected', 2, 1]);
  assert.deepEqual(
    record.events?.map(({ operation, timestamp }) => `${operation} ${timestamp}`),
    ['Apply t1', 'Recover t3', 'Apply t4'],
  );
});

test('a failure is recorded once, and a different one again', () => {
  const failing = (message: string) => injection({ phase: 'Not Injected', reason: 'NoVolume', message });
  const once = observed(newRecord(target), failing('no /data'), 't1');
  assert.equal(observed(once, failing('no /data'), 't2'), once);
  const twice = observed(once, failing('no /date'), 't3');
  assert.deepEqual(twice.events, [
    { type: 'Failed', operation: 'Apply', message: 'no /data', timestamp: 't1' },
    { type: 'Failed', operation: 'Apply', message: 'no /date', timestamp: 't3' },
  ]);
});

test('a failed recovery is recorded as a recovery event', () => {
  const injected = observed(newRecord(target), injection({ phase: 'Injected' }), 't1');
  const stuck = observed(injected, injection({ phase: 'Injected', message: 'busy' }, true), 't2');
  assert.deepEqual(stuck.events?.at(-1), {
    type: 'Failed',
    operation: 'Recover',
    message: 'busy',
    timestamp: 't2',
  });
});

test('only the newest events are kept', () => {
  let record = newRecord(target);
  for (let i = 0; i < 30; i++)
    record = observed(record, i % 2 ? undefined : injection({ phase: 'Injected' }), `t${i}`);
  assert.deepEqual(record.events?.map(({ timestamp }) => timestamp).at(0), 't20');
  assert.equal(record.injectedCount, 15);
});
