import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callerOf, FAULT_LIMIT, FaultBacklog, FaultLog, type IoFault } from './fault-log.js';

test('faults for which there is no room are counted, not described', () => {
  const reported: IoFault[] = [];
  const backlog = new FaultBacklog();
  const log = new FaultLog(backlog, (fault) => reported.push(fault));
  let described = 0;
  const add = () =>
    log.add(() => ({
      time: described++,
      rule: 0,
      match: 1,
      action: 'fault',
      method: 'read',
      path: 'file',
      caller: undefined,
    }));
  for (let count = 0; count < FAULT_LIMIT + 7; count++) add();
  assert.deepEqual([reported.length, described], [FAULT_LIMIT, FAULT_LIMIT]);
  assert.equal(backlog.takeDropped(), 7);
  backlog.release(10);
  for (let count = 0; count < 11; count++) add();
  assert.equal(reported.length, FAULT_LIMIT + 10);
  assert.equal(backlog.takeDropped(), 1);
  assert.equal(backlog.takeDropped(), 0);
});

test('who asks is known by its process, its thread and its name', () => {
  const { pid } = process;
  const caller = callerOf(pid);
  assert.deepEqual([caller?.process, caller?.thread], [pid, pid]);
  assert.match(caller?.command ?? '', /^.{1,15}$/);
  assert.equal(callerOf(0), undefined);
  assert.equal(callerOf(2 ** 30), undefined);
});
