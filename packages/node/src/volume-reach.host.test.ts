import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import type { Target } from './target.js';
import { volumeReach } from './volume-reach.js';

test('in the mount namespace of the host every process is affected, in another one its own processes', async () => {
  const apart: ChildProcess = spawn('unshare', ['--mount', 'sh', '-c', 'echo; exec sleep infinity']);
  try {
    if (apart.stdout) await once(apart.stdout, 'data');
    const target = (pid: number) => ({ processes: () => [pid] }) as unknown as Target;
    const host = existsSync('/proc/1/ns/mnt') ? 1 : process.pid;
    assert.equal(volumeReach(target(host)), 'host');
    assert.equal(volumeReach(target(apart.pid ?? 0)), 'namespace');
  } finally {
    apart.kill('SIGKILL');
    await once(apart, 'exit');
  }
});
