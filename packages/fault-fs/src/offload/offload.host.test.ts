import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { BackingVolume } from '../testing/backing-volume.js';
import { cannotIsSkip } from '../testing/cannot-is-skip.js';
import { ServedVolume } from '../testing/served-volume.js';

for (const ring of [true, false]) {
  const how = ring ? '' : ', without a ring';
  test(`a disk that is frozen holds up only those who write${how}`, (t) => frozenDisk(t, ring));
  test(`direct I/O by many at a time stores and returns every byte${how}`, () => manyBlocks(ring));
}

async function frozenDisk(t: TestContext, ring: boolean): Promise<void> {
  let disk: BackingVolume;
  try {
    disk = BackingVolume.inFile(64, ['mkfs.ext4', '-q']);
  } catch (error) {
    return cannotIsSkip(t, error);
  }
  const volume = await ServedVolume.start(disk.directory, { ring, slowStorage: true });
  const [path, other] = [join(volume.mounted, 'written'), join(volume.mounted, 'other')];
  fs.writeFileSync(path, Buffer.alloc(4096));
  fs.writeFileSync(other, 'other');
  const file = await open(path, fs.constants.O_RDWR | fs.constants.O_DSYNC);
  execFileSync('fsfreeze', ['-f', disk.directory]);
  let written = 0;
  const writing = file.write('new', 0).then(({ bytesWritten }) => {
    written = bytesWritten;
  });
  try {
    for (let count = 0; count < 100; count++) assert.equal(await readFile(other, 'latin1'), 'other');
    assert.equal(written, 0);
  } finally {
    execFileSync('fsfreeze', ['-u', disk.directory]);
    await writing;
    await file.close();
    await volume.stop();
    assert.equal(volume.errors, '');
    disk.close();
  }
  assert.equal(written, 3);
}

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
  const volume = await ServedVolume.start(tmpdir(), { ring: false, helpers: 3 });
  try {
    assert.equal((await volume.command('status')).helpers, 3);
  } finally {
    await volume.stop();
  }
});

/** Arguments: a file, and how many threads; each writes a block of its own with direct I/O, and then reads that of another. */
const PROGRAM = `
import hashlib, mmap, os, sys, threading
fd, threads, size = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT | os.O_DIRECT), int(sys.argv[2]), 65536
def block(index): return hashlib.sha512(str(index).encode()).digest() * (size // 64)
barrier, wrong = threading.Barrier(threads), []
def work(index):
    memory = mmap.mmap(-1, size)
    memory[:] = block(index)
    barrier.wait()
    if os.pwritev(fd, [memory], index * size) != size: wrong.append(index)
    barrier.wait()
    other = (index + 1) % threads
    if os.preadv(fd, [memory], other * size) != size or memory[:] != block(other): wrong.append(index)
    os.fdatasync(fd)
each = [threading.Thread(target=work, args=(index,)) for index in range(threads)]
for one in each: one.start()
for one in each: one.join()
print(len(wrong), hashlib.sha512(b"".join(block(index) for index in range(threads))).hexdigest())
`;

/** More threads than calls can be pending. */
async function manyBlocks(ring: boolean): Promise<void> {
  const volume = await ServedVolume.start(tmpdir(), { ring, helpers: 3 });
  try {
    const path = join(volume.mounted, 'blocks');
    const { stdout } = await promisify(execFile)('python3', ['-c', PROGRAM, path, '100']);
    const stored = createHash('sha512').update(fs.readFileSync(join(volume.original, 'blocks')));
    assert.equal(stdout, `0 ${stored.digest('hex')}\n`);
    assert.equal(volume.errors, '');
  } finally {
    await volume.stop();
  }
}
