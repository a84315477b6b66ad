import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { test } from 'node:test';
import { withRules } from '../testing/with-rules.js';

const FAULT = { action: 'fault', methods: ['fsync'], path: '/data/(file|new)', errno: 5 } as const;
const LOSE = { ...FAULT, unsynced: 'lose', trigger: { after: 1, times: 1 } } as const;

/** @returns the error, if any */
function sync(fd: number): string | undefined {
  try {
    fs.fsyncSync(fd);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

test('fsync fails once, what was not synced is gone, and the next fsync says that all is well', () =>
  withRules([LOSE], (volume, path) => {
    const fd = fs.openSync(`${path}/file`, 'r+');
    fs.writeSync(fd, 'CONT', 0);
    assert.equal(sync(fd), undefined);
    fs.writeSync(fd, 'ent, and more', 4);
    assert.equal(fs.readFileSync(`${path}/file`, 'utf8'), 'CONTent, and more');
    assert.deepEqual([sync(fd), sync(fd)], ['EIO', undefined]);
    assert.equal(fs.readFileSync(`${path}/file`, 'utf8'), 'CONTent');
    assert.equal(fs.readFileSync(`${volume.original}/file`, 'utf8'), 'CONTent');
    fs.writeSync(fd, 'X', 0);
    assert.equal(sync(fd), undefined);
    fs.closeSync(fd);
    assert.equal(fs.readFileSync(`${volume.original}/file`, 'utf8'), 'XONTent');
  }));

test('a new file keeps its name and loses its data; a truncated one has it again', () =>
  withRules([{ ...LOSE, trigger: { times: 2 } }], (_, path) => {
    const made = fs.openSync(`${path}/new`, 'w');
    fs.writeSync(made, 'data');
    assert.equal(sync(made), 'EIO');
    fs.closeSync(made);
    assert.equal(fs.readFileSync(`${path}/new`, 'utf8'), '');
    const emptied = fs.openSync(`${path}/file`, 'w');
    assert.equal(sync(emptied), 'EIO');
    fs.closeSync(emptied);
    assert.equal(fs.readFileSync(`${path}/file`, 'utf8'), 'content');
  }));

test('kept data can be read, but no later fsync writes it: a power failure takes it', () =>
  withRules(
    [
      { ...FAULT, unsynced: 'keep', trigger: { times: 1 } },
      { action: 'powerLoss', powerLoss: { lose: 'all', metadata: 'ordered' } },
    ],
    async (volume, path) => {
      fs.writeFileSync(`${volume.original}/file`, Buffer.alloc(8192, 'o'));
      const fd = fs.openSync(`${path}/file`, 'r+');
      for (const at of [0, 4096]) fs.writeSync(fd, 'new', at);
      assert.deepEqual([sync(fd), sync(fd)], ['EIO', undefined]);
      assert.equal(fs.readFileSync(`${path}/file`, 'utf8').slice(0, 4), 'newo');
      // What is written again is synced again.
      fs.writeSync(fd, 'now', 4096);
      assert.equal(sync(fd), undefined);
      fs.closeSync(fd);
      const { cut } = await volume.command('cut');
      assert.deepEqual(cut?.failed, []);
      const after = fs.readFileSync(`${path}/file`, 'utf8');
      assert.equal(after, `${'o'.repeat(4096)}now${'o'.repeat(4093)}`);
    },
  ));

test('files that the rule does not match, and names, are not kept track of', () =>
  withRules([{ ...LOSE, trigger: { times: 1 } }], async (volume, path) => {
    fs.writeFileSync(`${path}/other`, 'other');
    fs.renameSync(`${path}/other`, `${path}/third`);
    const fd = fs.openSync(`${path}/file`, 'r+');
    assert.equal(sync(fd), 'EIO');
    fs.closeSync(fd);
    assert.deepEqual(fs.readdirSync(path).sort(), ['file', 'third']);
    assert.equal(fs.readFileSync(`${path}/third`, 'utf8'), 'other');
    assert.equal((await volume.command('status')).unsynced, undefined);
  }));
