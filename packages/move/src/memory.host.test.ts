import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { O_PATH, openPath } from '@ordeal/linux';
import { parseMaps, parseVmFlags } from './proc-text.js';
import { sameFilesBelow } from './same-files.js';
import { type Puppet, TwoMounts } from './testing/two-mounts.js';

/** Runs `body` with a puppet that can map files of the old mount itself. */
async function withPuppet(body: (mounts: TwoMounts, puppet: Puppet) => Promise<void>): Promise<void> {
  const mounts = new TwoMounts();
  try {
    const puppet = await mounts.startPuppet();
    await puppet.run(`
old = ${JSON.stringify(mounts.path('old'))}
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.madvise.argtypes = libc.mlock.argtypes = libc.mprotect.argtypes = None
def map_file(name, size, protection, flags, mode=os.O_RDWR, offset=0):
    number = os.open(old + "/" + name, mode); address = libc.mmap(None, size, protection, flags, number, offset); os.close(number)
    assert address != 2**64 - 1, ctypes.get_errno()
    return address
def peek(address, size): return ctypes.string_at(address, size).decode()
def poke(address, text): ctypes.memmove(address, text.encode(), len(text))
open(old + "/a", "w").write("A" * 4096 + "B" * 4096 + "C" * 4096)
`);
    await body(mounts, puppet);
  } finally {
    mounts.close();
  }
}

const mapsOf = (puppet: Puppet, name: string) =>
  parseMaps(readFileSync(`/proc/${puppet.pid}/maps`, 'utf8')).filter(({ path }) => path.includes(name));

test('a shared mapping goes on sharing, at its address, with its protection and advice', () =>
  withPuppet(async (mounts, puppet) => {
    await puppet.run(`
m = map_file("a", 12288, 3, 1)
poke(m + 4096, "before")
libc.madvise(ctypes.c_void_p(m), ctypes.c_size_t(4096), 1); libc.madvise(ctypes.c_void_p(m + 4096), ctypes.c_size_t(4096), 10)
libc.mlock(ctypes.c_void_p(m + 8192), ctypes.c_size_t(4096)); libc.mprotect(ctypes.c_void_p(m + 8192), ctypes.c_size_t(4096), 1)
`);
    const shape = () => mapsOf(puppet, '/ordeal-move-').map(({ path, ...rest }) => rest);
    const flags = () => {
      const all = parseVmFlags(readFileSync(`/proc/${puppet.pid}/smaps`, 'utf8'));
      return mapsOf(puppet, '/ordeal-move-').map(({ start }) => [...(all.get(start) ?? [])].sort().join(' '));
    };
    const before = { shape: shape(), flags: flags() };
    assert.equal(before.shape.length, 3);
    const report = mounts.run('there');
    assert.deepEqual(report.left, []);
    assert.equal(report.processes[0]?.mappings, 3);
    assert.deepEqual({ shape: shape(), flags: flags() }, before);
    assert.deepEqual(mapsOf(puppet, '/old/'), []);
    const result = await puppet.run(`
poke(m, "after "); result = [open(old + "/a").read()[:6], open(old + "/a").read()[4096:4102], peek(m + 4096, 6)]
libc.mprotect(ctypes.c_void_p(m + 8192), ctypes.c_size_t(4096), 3); poke(m + 8192, "again")
result.append(open(old + "/a").read()[8192:8197])
`);
    assert.deepEqual(result, ['after ', 'before', 'before', 'again']);
  }));

test('a private mapping keeps its dirty pages, and only those are its own', () =>
  withPuppet(async (mounts, puppet) => {
    await puppet.run(`
m = map_file("a", 12288, 3, 2, os.O_RDONLY); poke(m + 4096, "mine"); peek(m, 4)
r = map_file("a", 8192, 1, 2, os.O_RDONLY, 4096)
w = map_file("a", 4096, 3, 2, os.O_RDONLY); poke(w, "hidden"); libc.mprotect(ctypes.c_void_p(w), ctypes.c_size_t(4096), 0)
`);
    const report = mounts.run('there');
    assert.deepEqual(report.left, []);
    assert.deepEqual(mapsOf(puppet, '/old/'), []);
    const result = await puppet.run(`
open(old + "/a", "r+").write("changed")
libc.mprotect(ctypes.c_void_p(w), ctypes.c_size_t(4096), 1)
result = [peek(m + 4096, 5), peek(m, 7), peek(m + 8192, 2), peek(r, 2), peek(w, 7)]
`);
    assert.deepEqual(result, ['mineB', 'changed', 'CC', 'BB', 'hiddenA']);
    assert.deepEqual(mounts.run('back').left, []);
    assert.equal(await puppet.run('result = peek(m + 4096, 5)'), 'mineB');
  }));

test('a mapping below a directory whose name has newlines and no ASCII moves', () =>
  withPuppet(async (mounts, puppet) => {
    const name = 'ü\\012\n';
    await puppet.run(`
name = ${JSON.stringify(name)}; os.mkdir(old + "/" + name); open(old + "/" + name + "/b\\n", "w").write("A" * 4096)
m = map_file(name + "/b\\n", 4096, 3, 1)
`);
    const [from, to] = [
      openPath(mounts.path('old', name), O_PATH),
      openPath(mounts.path('new', name), O_PATH),
    ];
    const report = mounts.run('there', [puppet.pid], {
      from: from.number,
      openOnNewSide: sameFilesBelow(to.number),
    });
    from.close();
    to.close();
    assert.deepEqual(report.left, []);
    assert.equal(report.processes[0]?.mappings, 1);
    assert.equal(
      await puppet.run('poke(m, "there"); result = open(old + "/" + name + "/b\\n").read(6)'),
      'thereA',
    );
  }));

test('a mapped file that has been deleted moves', () =>
  withPuppet(async (mounts, puppet) => {
    await puppet.run('m = map_file("a", 4096, 3, 1); os.unlink(old + "/a"); poke(m, "gone")');
    assert.deepEqual(mounts.run('there').left, []);
    assert.equal(await puppet.run('result = peek(m, 6)'), 'goneAA');
    assert.deepEqual(mapsOf(puppet, '/old/'), []);
  }));

test('a library stays, unless it is asked for; then it goes on working', () =>
  withPuppet(async (mounts, puppet) => {
    await puppet.run(`
import shutil
shutil.copy([l.split()[-1] for l in open("/proc/self/maps") if "/libm.so" in l or "/libm-" in l or "libz" in l][0], old + "/lib.so")
library = ctypes.CDLL(old + "/lib.so")
`);
    const stays = mounts.run('there');
    assert.equal(stays.passes, 0);
    assert.ok(stays.left.length >= 3);
    for (const { reason } of stays.left) assert.equal(reason, 'belongs to a program or library');
    assert.ok(mapsOf(puppet, '/old/').length >= 3);
    assert.deepEqual(mounts.run('there', undefined, { executables: true }).left, []);
    assert.deepEqual(mapsOf(puppet, '/old/'), []);
    assert.equal(await puppet.run('result = ctypes.CDLL(old + "/lib.so") is not None'), true);
  }));

test('POSIX locks survive the mapping of the same file', () =>
  withPuppet(async (mounts, puppet) => {
    await puppet.run(`
m = map_file("a", 4096, 3, 1); f = os.open(old + "/a", os.O_RDWR); fcntl.lockf(f, fcntl.LOCK_EX, 7, 3)
`);
    assert.deepEqual(mounts.run('there').left, []);
    const locks = readFileSync('/proc/locks', 'utf8');
    assert.match(locks, new RegExp(`POSIX +ADVISORY +WRITE ${puppet.pid} \\S+ 3 9`));
  }));
