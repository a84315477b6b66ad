import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServedVolume } from '../testing/served-volume.js';

const took = async (action: () => Promise<unknown>) => {
  const start = performance.now();
  await action();
  return performance.now() - start;
};

test('a backing file system that takes its time to sync holds up nobody else', async () => {
  // The slow file system is the fault file system itself, one below the other.
  const below = await ServedVolume.start(tmpdir(), {
    rules: [{ action: 'latency', methods: ['fsync'], milliseconds: 2000 }],
    enabled: true,
  });
  const above = await ServedVolume.start(below.mounted);
  const guard = setTimeout(() => [above, below].forEach((each) => void each.abort()), 15_000);
  try {
    const file = await open(`${above.mounted}/synced`, 'w');
    const other = await open(`${above.mounted}/other`, 'w+');
    await sleep(500); // the helpers start
    await file.write('x');
    const syncing = took(() => file.sync());
    await sleep(50);
    const times: number[] = [];
    for (let count = 0; count < 20; count++) {
      times.push(await took(() => other.write('y')));
      times.push(await took(() => other.read(Buffer.alloc(1), 0, 1, 0)));
    }
    assert.ok((await syncing) >= 2000);
    assert.ok(Math.max(...times) < 1500, `the slowest took ${Math.max(...times)} ms`);
    await file.close();
    await other.close();
    assert.equal(above.errors + below.errors, '');
  } finally {
    clearTimeout(guard);
    await above.stop();
    await below.stop();
  }
});

test('direct I/O by many at a time stores and returns every byte', async () => {
  const volume = await ServedVolume.start(tmpdir(), { helpers: 3 });
  const guard = setTimeout(() => volume.abort(), 20_000);
  try {
    await sleep(300);
    const block = 65536;
    const blocks = Array.from({ length: 64 }, () => randomBytes(block));
    const file = await open(
      `${volume.mounted}/a`,
      fs.constants.O_CREAT | fs.constants.O_RDWR | fs.constants.O_DSYNC,
    );
    await Promise.all(blocks.map((bytes, index) => file.write(bytes, 0, block, index * block)));
    const back = await Promise.all(
      blocks.map(async (_, index) => (await file.read(Buffer.alloc(block), 0, block, index * block)).buffer),
    );
    assert.ok(Buffer.concat(back).equals(Buffer.concat(blocks)));
    assert.ok(fs.readFileSync(`${volume.original}/a`).equals(Buffer.concat(blocks)));
    await file.close();
    assert.equal(volume.errors, '');
  } finally {
    clearTimeout(guard);
    await volume.stop();
  }
});
