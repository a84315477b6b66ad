import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { test } from 'node:test';
import type { ServedVolume } from '../testing/served-volume.js';
import { withRules } from '../testing/with-rules.js';
import type { PowerLossSettings } from './power-loss.js';

function withPowerLoss(
  powerLoss: PowerLossSettings,
  body: (volume: ServedVolume, path: string) => Promise<void> | void,
) {
  return withRules([{ action: 'powerLoss', powerLoss }], body);
}

const ALL = { lose: 'all', metadata: 'ordered' } as const;

/** Writes, and syncs where asked. */
function put(path: string, content: string, synced: boolean): void {
  const file = fs.openSync(path, 'w');
  fs.writeSync(file, content);
  if (synced) fs.fsyncSync(file);
  fs.closeSync(file);
}

function sync(path: string): void {
  const file = fs.openSync(path, 'r');
  fs.fsyncSync(file);
  fs.closeSync(file);
}

test('what was synced stays, what was not is gone', async () => {
  await withPowerLoss(ALL, async (volume, path) => {
    put(`${path}/synced`, 'kept', true);
    put(`${path}/unsynced`, 'lost', false);
    put(`${path}/file`, 'overwritten', false);
    const { unsynced, cut } = await volume.command('cut');
    assert.deepEqual(
      unsynced?.entries.map(({ kind, path: name }) => `${kind} ${name}`),
      ['create /unsynced'],
    );
    assert.deepEqual(cut?.failed, []);
    assert.deepEqual(fs.readdirSync(path).sort(), ['file', 'synced']);
    for (const root of [path, volume.original]) {
      assert.equal(fs.readFileSync(`${root}/synced`, 'utf8'), 'kept');
      assert.equal(fs.readFileSync(`${root}/file`, 'utf8'), 'content');
    }
    assert.deepEqual(
      cut?.files.map(({ path: name, ranges, size, durableSize }) => ({ name, ranges, size, durableSize })),
      [
        { name: '/file', ranges: [{ from: 0, to: 11 }], size: 11, durableSize: 7 },
        { name: '/unsynced', ranges: [{ from: 0, to: 4 }], size: 4, durableSize: 0 },
      ],
    );
    const after = await volume.command('status');
    assert.deepEqual(after.unsynced, {
      files: [],
      entries: [],
      writtenBack: 0,
      kept: { memory: 0, file: 0 },
      mostKept: { memory: 4096, file: 0 },
    });
  });
});

test('a program goes on with the state after a cut', async () => {
  await withPowerLoss(ALL, async (volume, path) => {
    put(`${path}/log`, 'one', true);
    fs.appendFileSync(`${path}/log`, ' two');
    await volume.command('cut');
    assert.equal(fs.readFileSync(`${path}/log`, 'utf8'), 'one');
    fs.appendFileSync(`${path}/log`, ' three');
    sync(`${path}/log`);
    await volume.command('cut');
    assert.equal(fs.readFileSync(`${volume.original}/log`, 'utf8'), 'one three');
  });
});

test('removed and renamed entries come back, with what they were', async () => {
  await withPowerLoss(ALL, async (volume, path) => {
    fs.mkdirSync(`${path}/directory`);
    put(`${path}/directory/inner`, 'inner', true);
    put(`${path}/old`, 'old', true);
    put(`${path}/target`, 'target', true);
    fs.symlinkSync('old', `${path}/link`);
    fs.chmodSync(`${path}/target`, 0o640);
    sync(path);
    fs.renameSync(`${path}/old`, `${path}/target`);
    fs.unlinkSync(`${path}/directory/inner`);
    fs.rmdirSync(`${path}/directory`);
    fs.unlinkSync(`${path}/link`);
    const { cut } = await volume.command('cut');
    assert.deepEqual(cut?.failed, []);
    assert.deepEqual(fs.readdirSync(path).sort(), ['directory', 'file', 'link', 'old', 'target']);
    assert.equal(fs.readFileSync(`${path}/old`, 'utf8'), 'old');
    assert.equal(fs.readFileSync(`${path}/target`, 'utf8'), 'target');
    assert.equal(fs.statSync(`${path}/target`).mode & 0o777, 0o640);
    assert.equal(fs.readFileSync(`${path}/directory/inner`, 'utf8'), 'inner');
    assert.equal(fs.readlinkSync(`${path}/link`), 'old');
  });
});

test('strictly, a file is there only where its directory was synced', async () => {
  await withPowerLoss({ lose: 'all', metadata: 'strict' }, async (volume, path) => {
    put(`${path}/named`, 'named', true);
    sync(path);
    put(`${path}/nameless`, 'nameless', true);
    await volume.command('cut');
    assert.deepEqual(fs.readdirSync(path).sort(), ['file', 'named']);
  });
});

test('what comes with O_DSYNC, and through a mapping that was synced, is durable', async () => {
  await withPowerLoss(ALL, async (volume, path) => {
    put(`${path}/written`, '', true);
    put(`${path}/mapped`, 'a'.repeat(8192), true);
    const script = `
import mmap, os, sys
fd = os.open(sys.argv[1] + "/written", os.O_WRONLY | os.O_DSYNC)
os.write(fd, b"durable")
fd = os.open(sys.argv[1] + "/mapped", os.O_RDWR)
memory = mmap.mmap(fd, 8192)
memory[0:4] = b"sync"
memory.flush(0, 4096)
memory[4096:4100] = b"lost"
`;
    execFileSync('python3', ['-c', script, path]);
    await volume.command('cut');
    assert.equal(fs.readFileSync(`${path}/written`, 'utf8'), 'durable');
    const mapped = fs.readFileSync(`${path}/mapped`, 'utf8');
    assert.equal(mapped.slice(0, 8), 'syncaaaa');
    assert.equal(mapped.slice(4096), 'a'.repeat(4096));
  });
});

test('what was truncated and written anew is as it was', async () => {
  await withPowerLoss(ALL, async (volume, path) => {
    const before = 'b'.repeat(100_000);
    put(`${path}/file`, before, true);
    fs.writeFileSync(`${path}/file`, 'short');
    fs.truncateSync(`${path}/file`, 2);
    fs.truncateSync(`${path}/file`, 50_000);
    const { cut } = await volume.command('cut');
    assert.deepEqual(cut?.failed, []);
    assert.equal(fs.readFileSync(`${path}/file`, 'utf8'), before);
  });
});

test('a temporary file that is removed again leaves nothing to keep', async () => {
  await withPowerLoss(ALL, async (volume, path) => {
    for (let index = 0; index < 50; index++) {
      put(`${path}/temporary`, 'data', false);
      fs.unlinkSync(`${path}/temporary`);
    }
    const { unsynced } = await volume.command('status');
    const kept = { memory: 0, file: 0 };
    assert.deepEqual(unsynced, { files: [], entries: [], writtenBack: 0, kept, mostKept: kept });
  });
});

test('a link that is made and removed again leaves the data of its file as unsynced as it was', async () => {
  await withPowerLoss(ALL, async (volume, path) => {
    put(`${path}/named`, 'old', true);
    put(`${path}/named`, 'new', false);
    fs.linkSync(`${path}/named`, `${path}/link`);
    fs.unlinkSync(`${path}/link`);
    await volume.command('cut');
    assert.equal(fs.readFileSync(`${path}/named`, 'utf8'), 'old');
  });
});

test('old data that memory has no room for is in a file, and comes back from there', async () => {
  await withPowerLoss({ ...ALL, memory: 8192 }, async (volume, path) => {
    const before = Buffer.alloc(100_000, 'before ');
    fs.writeFileSync(`${volume.original}/file`, before);
    const file = fs.openSync(`${path}/file`, 'r+');
    fs.writeSync(file, Buffer.alloc(100_000, 'x'));
    fs.closeSync(file);
    const { unsynced, cut } = await volume.command('cut');
    assert.deepEqual(unsynced?.kept, { memory: 8192, file: 23 * 4096 });
    assert.deepEqual([cut?.failed, cut?.writtenBack], [[], 0]);
    assert.deepEqual(fs.readFileSync(`${path}/file`), before);
    const { unsynced: after } = await volume.command('status');
    assert.deepEqual(after?.kept, { memory: 0, file: 0 });
    assert.deepEqual(after?.mostKept, { memory: 8192, file: 23 * 4096 });
  });
});
