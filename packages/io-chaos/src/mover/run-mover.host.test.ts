import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { type Fd, O_PATH, openPath } from '@ordeal/linux';
import { eventually, TwoMounts } from '@ordeal/move/testing';
import { type MoverOrder, planMove, prepareMover, runMove } from './run-mover.js';

test('a mover makes one move after the other, and keeps nothing of them', async () => {
  const mounts = new TwoMounts();
  const mover = prepareMover();
  const roots = ['old', 'new'].map((name) => openPath(mounts.path(name), O_PATH)) as [Fd, Fd];
  try {
    const pid = mounts.start(mounts.compile('append-writer'), mounts.path('old'), '4');
    await eventually('the writer writes', () => readdirSync(mounts.path('old')).length === 3);
    const order: MoverOrder = {
      pid,
      also: [],
      except: [process.pid],
      oldSide: 'bare',
      trustNames: false,
    };
    const descriptors = () => readdirSync(`/proc/${mover.pid}/fd`).length;
    let before: number | undefined;
    for (let turn = 0; turn < 10; turn++) {
      const [from, to] = turn % 2 === 0 ? roots : [...roots].reverse();
      const sides = { from: from?.number, to: to?.number ?? -1 };
      const plan = await planMove(order, sides, mover);
      assert.equal(plan.processes[0]?.descriptors.length, 3);
      const { processes, left } = await runMove(order, sides, mover);
      assert.deepEqual([processes[0]?.pid, processes[0]?.descriptors, left], [pid, 3, []]);
      assert.ok(mover.connected);
      assert.ok(readlinkSync(`/proc/${pid}/fd/3`).startsWith(mounts.path(turn % 2 === 0 ? 'new' : 'old')));
      // The first move opens what the program itself needs.
      before ??= descriptors();
      assert.equal(descriptors(), before);
      assert.match(readFileSync(`/proc/${pid}/status`, 'utf8'), /^TracerPid:\t0$/m);
    }
    const ended = once(mover, 'exit');
    mover.disconnect();
    assert.deepEqual(await ended, [0, null]);
  } finally {
    if (mover.connected) mover.kill('SIGKILL');
    for (const root of roots) root.close();
    mounts.close();
  }
});
