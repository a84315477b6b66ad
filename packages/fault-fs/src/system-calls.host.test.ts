import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { servedCalls } from './testing/served-calls.js';
import { ServedVolume } from './testing/served-volume.js';

/** Of each operation. The first ones load code, and learn what the backing file system can do. */
const [WARM_UP, TIMES] = [5, 20];
const BLOCK = 4096;

/**
 * The calls that each kind of request takes, where a rule meets it and does nothing. Where several are named, it depends on
 * what the request finds.
 */
const CALLS: { readonly [kind: string]: readonly string[] } = {
  // Not there; new; known.
  LOOKUP: ['read openat write', 'read openat statx write', 'read statx write'],
  GETATTR: ['read statx write'],
  STATX: ['read statx write'],
  CREATE: ['read openat open_tree statx write'],
  OPEN: ['read openat write'],
  READ: ['read pread64 write'],
  WRITE: ['read pwrite64 write'],
  FLUSH: ['read write'],
  RELEASE: ['read close write'],
  RENAME: ['read renameat2 write'],
  UNLINK: ['read unlinkat write'],
  MKDIR: ['read mkdirat openat statx write'],
  RMDIR: ['read unlinkat write'],
  SYMLINK: ['read symlinkat openat statx write'],
  READLINK: ['read readlinkat write'],
  OPENDIR: ['read openat write'],
  // The second one finds the end.
  READDIR: ['read getdents64 write'],
  RELEASEDIR: ['read close write'],
  // The last hold on a node, or not.
  FORGET: ['read close', 'read'],
  BATCH_FORGET: ['read'],
};

/** What each kernel asks for when {@link work} is done; attributes are asked for in several ways. */
const ASKED = Object.keys(CALLS).filter((kind) => !/FORGET|GETATTR|STATX/.test(kind));
/** Of the requests of a kind: now and then the engine makes a call of its own amid one. */
const ENGINE_SHARE = 0.1;

function work(directory: string, times: number): void {
  const block = Buffer.alloc(BLOCK, 1);
  const data = fs.openSync(join(directory, 'data'), 'r+');
  for (let index = 0; index < times; index++) {
    const [one, other] = [join(directory, `one-${index}`), join(directory, `other-${index}`)];
    fs.readSync(data, block, 0, BLOCK, 0);
    fs.writeSync(data, block, 0, BLOCK, 0);
    fs.fstatSync(data);
    fs.closeSync(fs.openSync(one, 'wx'));
    fs.closeSync(fs.openSync(one, 'r'));
    fs.statSync(one);
    fs.renameSync(one, other);
    fs.unlinkSync(other);
    fs.mkdirSync(one);
    fs.readdirSync(one);
    fs.rmdirSync(one);
    fs.symlinkSync('data', one);
    fs.readlinkSync(one);
    fs.unlinkSync(one);
  }
  fs.closeSync(data);
}

test('each kind of request takes these system calls and no others', async () => {
  const scratch = fs.mkdtempSync(join(tmpdir(), 'ordeal-calls-'));
  const rules = [{ action: 'fault', errno: 5, percent: 0 }] as const;
  const volume = await ServedVolume.start('/dev/shm', { rules, enabled: true });
  try {
    fs.writeFileSync(join(volume.mounted, 'data'), Buffer.alloc(BLOCK));
    work(volume.mounted, WARM_UP);
    const served = await servedCalls(volume.pid, join(scratch, 'trace'), () => work(volume.mounted, TIMES));
    for (const kind of ASKED) assert.ok((served.get(kind)?.length ?? 0) >= TIMES, `too few of ${kind}`);
    for (const [kind, each] of served) {
      const others = each.filter((calls) => !CALLS[kind]?.includes(calls));
      assert.ok(others.length <= each.length * ENGINE_SHARE, `${kind}: ${others.join(', ')}`);
    }
    assert.equal(volume.errors, '');
  } finally {
    await volume.stop();
    fs.rmSync(scratch, { recursive: true });
  }
});
