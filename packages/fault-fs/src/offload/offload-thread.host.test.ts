import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { ServedVolume } from '../testing/served-volume.js';

test('a backing file system that takes its time to sync holds up nobody else', async () => {
  // The slow file system is the fault file system itself, one below the other.
  const below = await ServedVolume.start(tmpdir(), {
    rules: [{ action: 'latency', methods: ['fsync'], milliseconds: 24 * 60 * 60_000 }],
    enabled: true,
  });
  const above = await ServedVolume.start(below.mounted);
  try {
    const file = await open(`${above.mounted}/synced`, 'w');
    const other = await open(`${above.mounted}/other`, 'w+');
    await file.write('x');
    const syncing = file.sync();
    await below.untilParked(1);
    for (let count = 0; count < 20; count++) {
      await other.write('y');
      await other.read(Buffer.alloc(1), 0, 1, 0);
    }
    assert.equal((await below.command('status')).parked, 1);
    await below.command('disable');
    await syncing;
    await file.close();
    await other.close();
    assert.equal(above.errors + below.errors, '');
  } finally {
    await above.stop();
    await below.stop();
  }
});

test('a volume is served once its helpers are there, and with them the descriptors that they need to start', async () => {
  const volume = await ServedVolume.start(tmpdir(), { helpers: 3 });
  try {
    assert.equal((await volume.command('status')).helpers, 3);
  } finally {
    await volume.stop();
  }
});

test('direct I/O by many at a time stores and returns every byte', async () => {
  const volume = await ServedVolume.start(tmpdir(), { helpers: 3 });
  try {
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
    await volume.stop();
  }
});
