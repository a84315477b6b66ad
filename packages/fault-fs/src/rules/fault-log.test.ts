import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askerOf, FAULT_LIMIT, FaultBacklog, FaultLog, type IoFault } from './fault-log.js';

test('faults that nobody fetches are counted, not described', () => {
  const told: IoFault[] = [];
  const memory = new SharedArrayBuffer(8);
  const log = new FaultLog(new FaultBacklog(memory), (fault) => told.push(fault));
  let described = 0;
  const add = () =>
    log.add(() => ({
      time: described++,
      rule: 0,
      match: 1,
      action: 'fault',
      method: 'read',
      path: 'file',
      asker: undefined,
    }));
  for (let count = 0; count < FAULT_LIMIT + 7; count++) add();
  assert.deepEqual([told.length, described], [FAULT_LIMIT, FAULT_LIMIT]);
  const reader = new FaultBacklog(memory);
  assert.equal(reader.fetched(10), 7);
  for (let count = 0; count < 11; count++) add();
  assert.equal(told.length, FAULT_LIMIT + 10);
  assert.equal(reader.fetched(told.length - 10), 1);
  assert.equal(reader.fetched(0), 0);
});

test('who asks is known by its process, its thread and its name', () => {
  const { pid } = process;
  const asker = askerOf(pid);
  assert.deepEqual([asker?.process, asker?.thread], [pid, pid]);
  assert.match(asker?.command ?? '', /^.{1,15}$/);
  assert.equal(askerOf(0), undefined);
  assert.equal(askerOf(2 ** 30), undefined);
});
