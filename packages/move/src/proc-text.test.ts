import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLocks } from '@ordeal/linux';
import { joinPages } from './private-pages.js';
import { fdinfoField, parseMaps, parseVmFlags } from './proc-text.js';
import { parseRegistered } from './ring-files.js';

test('mappings with a file behind them are read, others left out', () => {
  const text = [
    '7f0000001000-7f0000003000 rw-s 00001000 fe:0a 4711                       /data/a file (deleted)',
    '7f0000004000-7f0000005000 rw-p 00000000 00:00 0                          [heap]',
    '7f0000006000-7f0000007000 r-xp 00000000 00:2d 12                         /lib/x.so',
    '',
  ].join('\n');
  const [first, second, none] = parseMaps(text);
  assert.equal(none, undefined);
  assert.deepEqual(first, {
    start: 0x7f0000001000n,
    end: 0x7f0000003000n,
    readable: true,
    writable: true,
    executable: false,
    shared: true,
    offset: 0x1000n,
    device: '254:10',
    inode: '4711',
    path: '/data/a file (deleted)',
  });
  assert.equal(second?.executable, true);
  assert.equal(second?.device, '0:45');
});

test('flags belong to the mapping above them', () => {
  const text =
    '1000-2000 r--p 00000000 00:00 0 \nSize: 4 kB\nVmFlags: rd mr mw me \n2000-3000 rw-s 00000000 00:00 0 /x\nVmFlags: rd wr sh lo\n';
  const flags = parseVmFlags(text);
  assert.deepEqual([...(flags.get(0x1000n) ?? [])], ['rd', 'mr', 'mw', 'me']);
  assert.ok(flags.get(0x2000n)?.has('lo'));
});

test('fields of fdinfo', () => {
  const text = 'pos:\t17\nflags:\t0102001\nmnt_id:\t43\nino:\t2\n';
  assert.equal(fdinfoField(text, 'ino'), '2');
  assert.equal(fdinfoField(text, 'mnt_id'), '43');
  assert.equal(fdinfoField(text, 'inotify'), undefined);
});

test('locks are read from fdinfo and from /proc/locks; those that wait are none', () => {
  const text = [
    'lock:\t1: POSIX  ADVISORY  WRITE 11610 00:28:2 3 9',
    '2: FLOCK  ADVISORY  READ  8852 fe:00:10037560 0 EOF',
    '2: -> FLOCK  ADVISORY  WRITE 15175 fe:00:10037560 0 EOF',
    '3: LEASE  ACTIVE    READ  8852 fe:00:77 0 EOF',
  ].join('\n');
  assert.deepEqual(parseLocks(text), [
    { kind: 'POSIX', exclusive: true, inode: '2', start: 3n, length: 7n },
    { kind: 'FLOCK', exclusive: false, inode: '10037560', start: 0n, length: 0n },
    { kind: 'LEASE', exclusive: false, inode: '77', start: 0n, length: 0n },
  ]);
});

test('private pages are those that are there and not of the file', () => {
  const present = 1n << 63n;
  const swapped = 1n << 62n;
  const ofFile = 1n << 61n;
  const entries = BigUint64Array.from([0n, present, swapped, present | ofFile, 0n, present]);
  assert.deepEqual(joinPages(entries, 0x10000n, 4096), [
    { start: 0x11000n, length: 8192 },
    { start: 0x15000n, length: 4096 },
  ]);
});

test('files registered with io_uring', () => {
  const text =
    'SQEs:\t0\nUserFiles:\t3\n    0: /data/a\\040file\n    2: /b\nUserBufs:\t1\n    0: 0x1000/4096\n';
  assert.deepEqual(parseRegistered(text), ['/data/a file', '/b']);
  assert.deepEqual(parseRegistered('pos:\t0\n'), []);
});
