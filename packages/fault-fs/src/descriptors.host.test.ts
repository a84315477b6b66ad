import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { raiseDescriptorLimit } from './backing/descriptor-limit.js';
import { ServedVolume } from './testing/served-volume.js';

/** The server may have so many descriptors. It needs some forty itself; with two descriptors a file, they would not fit. */
const MOST = 400;
const FILES = 300;

test('the limit is raised as far as it may be, and no further than asked', () => {
  const most = raiseDescriptorLimit();
  assert.ok(most >= 1024);
  assert.equal(raiseDescriptorLimit(most - 1), most - 1);
  assert.equal(raiseDescriptorLimit(), most);
});

for (const unmatched of ['direct', 'passthrough'] as const) {
  test(`${unmatched}: one descriptor a file: a program opens nearly as many files as the server may`, async () => {
    const volume = await ServedVolume.start(tmpdir(), { unmatched, maxDescriptors: MOST });
    const guard = setTimeout(() => volume.abort(), 60_000);
    const names = Array.from({ length: FILES }, (_, index) => `${volume.mounted}/file-${index}`);
    try {
      const made = names.map((name) => fs.openSync(name, 'w+'));
      for (const [index, fd] of made.entries()) fs.writeSync(fd, `content ${index}`);
      for (const name of names) assert.ok(fs.statSync(name).size > 0);
      for (const name of names.slice(0, 10)) fs.renameSync(name, `${name}-renamed`);
      for (const name of names.slice(10, 20)) fs.unlinkSync(name);
      fs.mkdirSync(`${volume.mounted}/directory`);
      for (const [index, fd] of made.entries()) {
        assert.equal(fs.readFileSync(fd, 'utf8') + readFromStart(fd), `content ${index}`);
        assert.equal(fs.fstatSync(fd).nlink, index >= 10 && index < 20 ? 0 : 1);
      }
      for (const fd of made) fs.closeSync(fd);
      const opened = names.slice(20).map((name) => fs.openSync(name, 'r'));
      for (const [index, fd] of opened.entries()) assert.equal(readFromStart(fd), `content ${index + 20}`);
      for (const fd of opened) fs.closeSync(fd);
      for (const name of names.slice(20)) assert.equal(fs.statSync(name).nlink, 1);
      assert.equal(volume.errors, '');
    } finally {
      clearTimeout(guard);
      await volume.stop();
    }
  });
}

test('a file that the server has no descriptor for is not made, and room that is made is used at once', async () => {
  const volume = await ServedVolume.start(tmpdir(), { maxDescriptors: 256 });
  const guard = setTimeout(() => volume.abort(), 60_000);
  const made: number[] = [];
  const openAll = () => {
    for (;;) made.push(fs.openSync(`${volume.mounted}/file-${made.length}`, 'wx'));
  };
  try {
    assert.throws(openAll, { code: 'ENFILE' });
    assert.equal(fs.readdirSync(volume.original).length, made.length);
    assert.throws(() => fs.readdirSync(volume.mounted), { code: 'ENFILE' });
    for (const fd of made) fs.closeSync(fd);
    const again = fs
      .readdirSync(volume.original)
      .map((name) => fs.openSync(`${volume.mounted}/${name}`, 'r'));
    assert.equal(again.length, 256 - 96);
    for (const fd of again) fs.closeSync(fd);
    assert.equal(volume.errors, '');
  } finally {
    clearTimeout(guard);
    await volume.stop();
  }
});

function readFromStart(fd: number): string {
  const bytes = Buffer.alloc(100);
  return bytes.toString('utf8', 0, fs.readSync(fd, bytes, 0, bytes.length, 0));
}
