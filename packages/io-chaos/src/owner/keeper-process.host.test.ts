import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { KeeperProcess } from './keeper-process.js';

test('one process is for all volumes, and the end of one leaves the others', async () => {
  const keeper = new KeeperProcess(tmpdir());
  const [first, second] = [keeper.open(), keeper.open()];
  assert.equal(first.pid, second.pid);
  const told: string[] = [];
  const answered = new Promise<void>((resolve) => {
    second.peer.listen(
      ({ kind }) => {
        told.push(kind);
        resolve();
      },
      () => undefined,
    );
  });
  const ended = new Promise<void>((resolve) => first.peer.listen(() => undefined, resolve));
  // Without faults there is nothing to restore.
  first.peer.tell({ kind: 'recover' });
  await ended;
  assert.equal(first.peer.open, false);
  second.peer.tell({ kind: 'count', id: 1 });
  await answered;
  assert.deepEqual(told, ['counted']);
  second.peer.close();
  await keeper.close();
  while (existsSync(`/proc/${second.pid}`)) await setTimeout(10);
});

test('after its death another one takes its place, and its conversations have ended', async () => {
  const keeper = new KeeperProcess(tmpdir());
  keeper.prepare();
  const { peer, pid } = keeper.open();
  const ended = new Promise<void>((resolve) => peer.listen(() => undefined, resolve));
  process.kill(pid, 'SIGKILL');
  await ended;
  assert.equal(keeper.pid, undefined);
  keeper.prepare();
  assert.notEqual(keeper.pid, pid);
  await keeper.close();
});

test('one that is not needed any more is ended', async () => {
  const keeper = new KeeperProcess(tmpdir());
  keeper.prepare();
  const { pid } = keeper;
  assert.ok(pid);
  keeper.prepare();
  assert.equal(keeper.pid, pid);
  await keeper.close();
  assert.equal(keeper.pid, undefined);
  assert.equal(existsSync(`/proc/${pid}`), false);
});
