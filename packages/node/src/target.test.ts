import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isThere } from './target.js';

test('a cgroup of version 1 is there as long as something runs in it', () => {
  let running: number[] = [process.pid];
  const target = {
    scope: undefined,
    description: '/sys/fs/cgroup/cpu/x',
    cgroupPath: undefined,
    processes: () => running,
    whenEnded: { kind: 'stay' },
  } as const;
  assert.equal(isThere(target), true);
  running = [];
  assert.equal(isThere(target), false);
});
