import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { eventually, pause, TwoMounts } from './testing/two-mounts.js';

for (const kind of ['aio', 'uring']) {
  test(`${kind}: requests that are in flight while a process is moved arrive, and so do those after`, async () => {
    const mounts = new TwoMounts();
    try {
      const pid = mounts.start(mounts.compile('queued-writer'), kind, mounts.path('old'), '50');
      await eventually('it writes', () => readdirSync(mounts.path('files')).includes('blocks'));
      for (let turn = 0; turn < 40; turn++) {
        const report = mounts.run(turn % 2 === 0 ? 'there' : 'back');
        assert.deepEqual(report.left, []);
        assert.equal(report.processes[0]?.descriptors, 1);
        assert.equal(report.processes[0]?.threads, 1, 'the kernel’s workers are none of its threads');
        await pause(10);
      }
      process.kill(pid, 'SIGTERM');
      await eventually('it ends', () => readFileSync(mounts.path('output'), 'utf8') !== '');
      const result = readFileSync(mounts.path('output'), 'utf8');
      const [writes = 0, errors, wrong] = [...result.matchAll(/\d+/g)].map(Number);
      assert.deepEqual([errors, wrong], [0, 0]);
      assert.ok(writes > 100, `${writes} writes`);
    } finally {
      mounts.close();
    }
  });
}
