import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { cString, SYS, syscall } from '@ordeal/linux';
import { ServedVolume } from './testing/served-volume.js';

test('a single file can be the volume, and its path is the volume path', async () => {
  const rule = { action: 'fault', path: '/etc/app.conf', methods: ['read'], errno: 5 } as const;
  const options = { volumePath: '/etc/app.conf', rules: [rule] };
  const volume = await ServedVolume.start(tmpdir(), options, 'file');
  try {
    fs.writeFileSync(volume.mounted, 'one');
    fs.appendFileSync(volume.mounted, ' two');
    assert.equal(fs.readFileSync(volume.original, 'utf8'), 'one two');
    assert.equal(fs.readFileSync(volume.mounted, 'utf8'), 'one two');
    fs.chmodSync(volume.mounted, 0o600);
    assert.equal(fs.statSync(volume.original).mode, 0o100600);
    await volume.command('enable');
    assert.throws(() => fs.readFileSync(volume.mounted), { code: 'EIO' });
    assert.equal(volume.errors, '');
  } finally {
    await volume.stop();
  }
});

test('file systems mounted below the root are seen, with their own inodes and limits', async () => {
  const volume = await ServedVolume.start(tmpdir());
  const inner = `${volume.original}/inner`;
  fs.mkdirSync(inner);
  syscall('mount', SYS.mount, cString('none'), cString(inner), cString('tmpfs'), 0, cString('size=64k'));
  try {
    const through = `${volume.mounted}/inner`;
    fs.writeFileSync(`${through}/a`, 'small');
    assert.equal(fs.readFileSync(`${inner}/a`, 'utf8'), 'small');
    assert.throws(() => fs.writeFileSync(`${through}/b`, Buffer.alloc(200_000)), { code: 'ENOSPC' });
    assert.throws(() => fs.renameSync(`${through}/a`, `${volume.mounted}/a`), { code: 'EXDEV' });
    assert.throws(() => fs.linkSync(`${through}/a`, `${volume.mounted}/a`), { code: 'EXDEV' });
    assert.equal(fs.statfsSync(through).blocks * fs.statfsSync(through).bsize, 65536);
    assert.equal(volume.errors, '');
  } finally {
    syscall('umount2', SYS.umount2, cString(inner), 2);
    await volume.stop();
  }
});

test('a read-only original says so', async () => {
  const volume = await ServedVolume.start(tmpdir());
  const inner = `${volume.original}/inner`;
  fs.mkdirSync(inner);
  // MS_RDONLY
  syscall('mount', SYS.mount, cString('none'), cString(inner), cString('tmpfs'), 1, 0);
  try {
    const through = `${volume.mounted}/inner`;
    assert.throws(() => fs.writeFileSync(`${through}/a`, 'x'), { code: 'EROFS' });
    assert.throws(() => fs.mkdirSync(`${through}/d`), { code: 'EROFS' });
    assert.equal(volume.errors, '');
  } finally {
    syscall('umount2', SYS.umount2, cString(inner), 2);
    await volume.stop();
  }
});
