import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { SpareKeeper } from './spare-keeper.js';

test('a spare keeper is given once, and ends when nobody wants anything of it', async () => {
  const spare = new SpareKeeper();
  assert.equal(spare.take(), undefined);
  spare.prepare();
  const keeper = spare.take();
  assert.equal(keeper?.connected, true);
  assert.equal(spare.take(), undefined);
  const ended = once(keeper, 'exit');
  keeper.disconnect();
  await ended;
});

test('one that has died meanwhile is not given', async () => {
  const spare = new SpareKeeper();
  spare.prepare();
  const { pid } = spare;
  assert.ok(pid);
  process.kill(pid, 'SIGKILL');
  while (spare.pid !== undefined) await setTimeout(10);
  assert.equal(spare.take(), undefined);
});

test('a spare keeper that is not needed any more is ended', async () => {
  const spare = new SpareKeeper();
  spare.prepare();
  const { pid } = spare;
  assert.ok(pid);
  spare.prepare();
  assert.equal(spare.pid, pid);
  await spare.close();
  assert.equal(spare.pid, undefined);
  assert.equal(existsSync(`/proc/${pid}`), false);
});
