import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStillThere } from './target-name.js';

test('a cgroup of version 1 is there as long as something runs in it', () => {
  let running: number[] = [process.pid];
  const target = {
    scope: undefined,
    description: '/sys/fs/cgroup/cpu/x',
    cgroupPath: undefined,
    processes: () => running,
    whenEnded: { kind: 'stay' },
  } as const;
  const found = { target, identity: `process ${process.pid} 1` };
  assert.equal(isStillThere(found), true);
  running = [];
  assert.equal(isStillThere(found), false);
});
