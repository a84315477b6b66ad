import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { SYS } from '@ordeal/linux';
import { call, FDCWD, path } from './conformance/calls.js';
import { attempt } from './conformance/case.js';
import { flock, OFD_GETLK, OFD_SETLK, WRITE } from './conformance/lock-range.js';
import { METHODS, type Method } from './rules/method.js';
import { ServedVolume } from './testing/served-volume.js';
import type { PlainRule } from './testing/server.js';

const DELAY_MS = 150;
const EIO = 5;

const withFile = (name: string, flags: string, action: (fd: number) => unknown) => {
  const fd = fs.openSync(name, flags);
  try {
    return action(fd);
  } finally {
    fs.closeSync(fd);
  }
};
const value = new Uint8Array(8);

/** What makes the kernel send a request of each method, in a directory with a file, a link and a directory. */
const causes: { readonly [method in Method]?: (directory: string) => unknown } = {
  lookup: (d) => fs.lstatSync(`${d}/file`),
  getattr: (d) => fs.lstatSync(`${d}/file`),
  setattr: (d) => fs.chmodSync(`${d}/file`, 0o600),
  readlink: (d) => fs.readlinkSync(`${d}/link`),
  mknod: (d) => call(SYS.mknodat, FDCWD, path(`${d}/fifo`), 0o010600, 0),
  mkdir: (d) => fs.mkdirSync(`${d}/new`),
  unlink: (d) => fs.unlinkSync(`${d}/file`),
  rmdir: (d) => fs.rmdirSync(`${d}/sub`),
  symlink: (d) => fs.symlinkSync('x', `${d}/new`),
  rename: (d) => fs.renameSync(`${d}/file`, `${d}/renamed`),
  link: (d) => fs.linkSync(`${d}/file`, `${d}/new`),
  open: (d) => withFile(`${d}/file`, 'r', () => {}),
  read: (d) => withFile(`${d}/file`, 'r', (fd) => fs.readSync(fd, value)),
  write: (d) => withFile(`${d}/file`, 'r+', (fd) => fs.writeSync(fd, 'x')),
  flush: (d) => withFile(`${d}/file`, 'r', () => {}),
  release: (d) => withFile(`${d}/file`, 'r', () => {}),
  fsync: (d) => withFile(`${d}/file`, 'r', (fd) => fs.fsyncSync(fd)),
  opendir: (d) => fs.readdirSync(d),
  readdir: (d) => fs.readdirSync(d),
  releasedir: (d) => fs.readdirSync(d),
  fsyncdir: (d) => withFile(d, 'r', (fd) => fs.fsyncSync(fd)),
  statfs: (d) => fs.statfsSync(`${d}/file`),
  setxattr: (d) => call(SYS.setxattr, path(`${d}/file`), path('user.x'), value, 8, 0),
  getxattr: (d) => call(SYS.getxattr, path(`${d}/file`), path('user.x'), value, 8),
  listxattr: (d) => call(SYS.listxattr, path(`${d}/file`), value, 8),
  removexattr: (d) => call(SYS.removexattr, path(`${d}/file`), path('user.x')),
  create: (d) => withFile(`${d}/new`, 'wx', () => {}),
  getlk: (d) => withFile(`${d}/file`, 'r+', (fd) => call(SYS.fcntl, fd, OFD_GETLK, flock(WRITE, 0, 1))),
  setlk: (d) => withFile(`${d}/file`, 'r+', (fd) => call(SYS.fcntl, fd, OFD_SETLK, flock(WRITE, 0, 1))),
};

/** Methods that the kernel never sends to such a mount, and why. */
const never: { readonly [method in Method]?: string } = {
  access: 'the kernel checks permissions by itself (default_permissions)',
  bmap: 'only mounts of block devices have blocks',
};
/** Methods for whose answer nobody waits. */
const unheard: { readonly [method in Method]?: string } = {
  forget: 'has no answer',
  release: 'sent after the descriptor is gone',
  releasedir: 'sent after the descriptor is gone',
};

const rules: readonly PlainRule[] = METHODS.flatMap((method) => [
  { action: 'fault', path: `/data/fault-${method}(/.*)?`, methods: [method], errno: EIO },
  { action: 'latency', path: `/data/slow-${method}(/.*)?`, methods: [method], milliseconds: DELAY_MS },
]);

test('every method is met by faults and delays, as far as the kernel sends it and waits', async (t) => {
  const volume = await ServedVolume.start(tmpdir(), { rules });
  const fired = async (index: number) => (await volume.command('status')).counts[index]?.fired ?? 0;
  try {
    for (const kind of ['fault', 'slow']) {
      for (const method of METHODS) {
        const directory = `${volume.original}/${kind}-${method}`;
        fs.mkdirSync(`${directory}/sub`, { recursive: true });
        fs.writeFileSync(`${directory}/file`, 'content');
        fs.symlinkSync('file', `${directory}/link`);
        if (method === 'removexattr') {
          call(SYS.setxattr, path(`${directory}/file`), path('user.x'), value, 8, 0);
        }
      }
    }
    await volume.command('enable');
    for (const [index, method] of METHODS.entries()) {
      const cause = causes[method];
      if (!cause) {
        assert.ok(never[method] ?? unheard[method], `${method} is not tried`);
        continue;
      }
      const seen = attempt(() => cause(`${volume.mounted}/fault-${method}`));
      const start = performance.now();
      attempt(() => cause(`${volume.mounted}/slow-${method}`));
      const took = performance.now() - start;
      if (unheard[method]) {
        for (let tries = 0; (await fired(index * 2 + 1)) === 0; tries++) assert.ok(tries < 100, method);
        t.diagnostic(`${method}: met, but ${unheard[method]}`);
      } else {
        assert.equal(seen, 'EIO', method);
        assert.ok(took >= DELAY_MS, `${method} took ${took} ms`);
      }
      assert.ok((await fired(index * 2)) >= 1 && (await fired(index * 2 + 1)) >= 1, method);
    }
    // What is never sent is never reached, whatever is done.
    const mounted = `${volume.mounted}/fault-access`;
    fs.accessSync(`${mounted}/file`, fs.constants.R_OK | fs.constants.W_OK);
    assert.equal(await fired(METHODS.indexOf('access') * 2), 0);
    assert.equal(volume.errors, '');
  } finally {
    await volume.stop();
  }
});
