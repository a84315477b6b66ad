import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { affectedWords } from './affected-processes.js';
import type { Target } from './target.js';

test('in the mount namespace of the host every process is affected, in another one its own processes', async () => {
  const apart: ChildProcess = spawn('unshare', ['--mount', 'sh', '-c', 'echo; exec sleep infinity']);
  try {
    if (apart.stdout) await once(apart.stdout, 'data');
    const target = (pid: number) =>
      ({ processes: () => [pid], description: 'app (pid 7)' }) as unknown as Target;
    const host = existsSync('/proc/1/ns/mnt') ? 1 : process.pid;
    assert.equal(
      affectedWords(target(host), '/data'),
      'every process of this host that uses /data, not only app (pid 7)',
    );
    assert.equal(
      affectedWords(target(apart.pid ?? 0), '/data'),
      'every process that uses /data in the mount namespace of app (pid 7)',
    );
  } finally {
    apart.kill('SIGKILL');
    await once(apart, 'exit');
  }
});
