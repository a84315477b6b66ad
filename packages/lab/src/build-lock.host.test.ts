import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { takeBuildLock } from './build-lock.js';

const cache = mkdtempSync(join(tmpdir(), 'ordeal-lock-'));
process.env.ORDEAL_CACHE = cache;
after(() => rmSync(cache, { recursive: true }));

const WAIT = `import { takeBuildLock } from '${new URL('./build-lock.js', import.meta.url)}'; await takeBuildLock(true);`;

/** The processes that hold our lock or wait for it. */
function holders(): number[] {
  return readdirSync('/proc').flatMap((name) => {
    try {
      const words = /^\d+$/.test(name) ? readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0') : [];
      return words[0] === 'flock' && words.some((word) => word.startsWith(cache)) ? [Number(name)] : [];
    } catch {
      return []; // It has ended.
    }
  });
}

/** A process that waits for the lock, as a second build does. */
async function waiter(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', WAIT], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  while (holders().length === 0) await delay(20);
  return child;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
  test(`a build that waits for another and gets ${signal} leaves nothing behind`, {
    timeout: 120_000,
  }, async () => {
    const lock = await takeBuildLock(false);
    assert.ok(lock);
    try {
      const child = await waiter();
      child.kill(signal);
      // Its standard error is closed only when the last process that inherited it has ended.
      await once(child, 'close');
      assert.deepEqual(holders(), []);
    } finally {
      await lock.release();
    }
  });
}

test('waiting can be aborted, and the lock is free afterwards', async () => {
  const lock = await takeBuildLock(false);
  assert.ok(lock);
  const stop = new AbortController();
  const waiting = takeBuildLock(true, stop.signal);
  while (holders().length === 0) await delay(20);
  stop.abort();
  assert.equal(await waiting, undefined);
  assert.deepEqual(holders(), []);
  assert.equal(await takeBuildLock(true, AbortSignal.abort()), undefined);
  await lock.release();
  const again = await takeBuildLock(false);
  assert.ok(again);
  await again.release();
});
