import * as fs from 'node:fs';
import { SYS } from '@ordeal/linux';
import { call, O_APPEND, O_CREAT, O_DIRECT, O_EXCL, O_RDWR, O_TRUNC, O_WRONLY } from './calls.js';
import { attempt, type Case } from './case.js';

const text = (file: string | number) => fs.readFileSync(file, 'latin1');

/** Reading and writing, and open files that lose or change their names. */
export const fileCases: readonly Case[] = [
  {
    name: 'what was written is read',
    run: (d) => {
      fs.writeFileSync(`${d}/a`, 'hello');
      const stat = fs.statSync(`${d}/a`);
      return [text(`${d}/a`), stat.size, stat.nlink, stat.mode, stat.blksize];
    },
  },
  {
    name: 'O_EXCL, O_TRUNC, missing files and directories in the way',
    run: (d) => {
      fs.writeFileSync(`${d}/a`, 'hello');
      const flags = [O_CREAT | O_EXCL | O_WRONLY, O_TRUNC | O_WRONLY, O_WRONLY];
      return [
        flags.map((flag) => attempt(() => fs.closeSync(fs.openSync(`${d}/a`, flag)))),
        fs.statSync(`${d}/a`).size,
        attempt(() => fs.openSync(`${d}/missing`, 'r')),
        attempt(() => fs.openSync(`${d}/a/b`, 'r')),
        attempt(() => fs.openSync(d, 'w')),
        attempt(() => fs.readFileSync(d, 'utf8')),
      ];
    },
  },
  {
    name: 'appending writes go to the end that others moved',
    run: (d) => {
      const one = fs.openSync(`${d}/a`, 'a+');
      const two = fs.openSync(`${d}/a`, 'r+');
      fs.writeSync(one, '1111');
      fs.writeSync(two, '222222222', 0);
      fs.writeSync(one, '33');
      // Linux appends even where an offset is given (man 2 pwrite, BUGS).
      fs.writeSync(one, '4', 0);
      fs.closeSync(one);
      fs.closeSync(two);
      return text(`${d}/a`);
    },
  },
  {
    name: 'O_APPEND can be switched by fcntl',
    run: (d) => {
      fs.writeFileSync(`${d}/a`, '0123456789');
      const fd = fs.openSync(`${d}/a`, 'r+');
      call(SYS.fcntl, fd, 4, O_APPEND);
      fs.writeSync(fd, 'A');
      call(SYS.fcntl, fd, 4, 0);
      fs.writeSync(fd, 'B', 0);
      fs.closeSync(fd);
      return text(`${d}/a`);
    },
  },
  {
    name: 'an unlinked open file lives on',
    run: (d) => {
      const fd = fs.openSync(`${d}/a`, 'w+');
      fs.writeSync(fd, 'before');
      fs.unlinkSync(`${d}/a`);
      fs.writeSync(fd, ' after');
      fs.ftruncateSync(fd, 10);
      fs.fchmodSync(fd, 0o600);
      fs.futimesSync(fd, 1, 2);
      const stat = fs.fstatSync(fd);
      const bytes = Buffer.alloc(20);
      const count = fs.readSync(fd, bytes, 0, 20, 0);
      const again = attempt(() => fs.openSync(`${d}/a`, 'r'));
      const byProc = text(`/proc/self/fd/${fd}`);
      fs.closeSync(fd);
      return [
        stat.nlink,
        stat.size,
        stat.mode,
        stat.mtimeMs,
        bytes.toString('latin1', 0, count),
        again,
        byProc,
      ];
    },
  },
  {
    name: 'an open file whose name another takes keeps its data',
    run: (d) => {
      const fd = fs.openSync(`${d}/a`, 'w+');
      fs.writeSync(fd, 'old');
      fs.writeFileSync(`${d}/b`, 'new!');
      fs.renameSync(`${d}/b`, `${d}/a`);
      fs.writeSync(fd, ' more');
      const stat = fs.fstatSync(fd);
      fs.closeSync(fd);
      return [stat.nlink, stat.size, text(`${d}/a`)];
    },
  },
  {
    name: 'a file stays open while its directory moves',
    run: (d) => {
      fs.mkdirSync(`${d}/x/y`, { recursive: true });
      const fd = fs.openSync(`${d}/x/y/a`, 'w+');
      fs.renameSync(`${d}/x`, `${d}/z`);
      fs.writeSync(fd, 'moved');
      fs.closeSync(fd);
      return [text(`${d}/z/y/a`), attempt(() => fs.statSync(`${d}/x`).size)];
    },
  },
  {
    name: 'hard links are one file',
    run: (d) => {
      fs.writeFileSync(`${d}/a`, '1');
      fs.linkSync(`${d}/a`, `${d}/b`);
      fs.appendFileSync(`${d}/b`, '2');
      const same = fs.statSync(`${d}/a`).ino === fs.statSync(`${d}/b`).ino;
      const links = fs.statSync(`${d}/a`).nlink;
      fs.unlinkSync(`${d}/a`);
      return [
        same,
        links,
        text(`${d}/b`),
        fs.statSync(`${d}/b`).nlink,
        attempt(() => fs.linkSync(d, `${d}/c`)),
      ];
    },
  },
  {
    name: 'truncating shrinks and grows, open or not',
    run: (d) => {
      fs.writeFileSync(`${d}/a`, 'hello world');
      fs.truncateSync(`${d}/a`, 5);
      const fd = fs.openSync(`${d}/a`, 'r+');
      fs.ftruncateSync(fd, 8);
      fs.closeSync(fd);
      const readOnly = fs.openSync(`${d}/a`, 'r');
      const refused = attempt(() => fs.ftruncateSync(readOnly, 1));
      fs.closeSync(readOnly);
      return [text(`${d}/a`), refused, attempt(() => fs.truncateSync(d, 0))];
    },
  },
  {
    name: 'huge and sparse files',
    run: (d) => {
      const fd = fs.openSync(`${d}/a`, 'w+');
      const far = 3 * 2 ** 40;
      const wrote = attempt(() => fs.writeSync(fd, 'end', far));
      const bytes = Buffer.alloc(8);
      const read = attempt(() => fs.readSync(fd, bytes, 0, 8, far));
      // SEEK_DATA 3, SEEK_HOLE 4
      const data = attempt(() => call(SYS.lseek, fd, 0, 3));
      const hole = attempt(() => call(SYS.lseek, fd, 0, 4));
      const past = attempt(() => call(SYS.lseek, fd, far + 4096, 3));
      const end = attempt(() => call(SYS.lseek, fd, 0, 2));
      const beyond = attempt(() => call(SYS.pwrite64, fd, bytes, 8, (1n << 63n) - 4n));
      const size = fs.fstatSync(fd).size;
      fs.closeSync(fd);
      return [wrote, read, bytes.toString('latin1'), data, hole, past, end, beyond, size];
    },
  },
  {
    name: 'holes are punched, ranges are zeroed and allocated',
    run: (d) => {
      const fd = fs.openSync(`${d}/a`, 'w+');
      fs.writeSync(fd, Buffer.alloc(65536, 'x'));
      // KEEP_SIZE 1, PUNCH_HOLE 2, ZERO 16 (include/uapi/linux/falloc.h)
      const modes: readonly [number, number, number][] = [
        [3, 8192, 8192],
        [0, 60000, 20000],
        [1, 100000, 4096],
        [16, 100, 200],
        [2, 0, 4096],
        [0, 0, 0],
      ];
      const results = modes.map(([mode, at, size]) => attempt(() => call(SYS.fallocate, fd, mode, at, size)));
      const hole = attempt(() => call(SYS.lseek, fd, 0, 4));
      const data = attempt(() => call(SYS.lseek, fd, 8192, 3));
      const bytes = fs.readFileSync(`${d}/a`);
      const sum = bytes.reduce((total, byte) => total + byte, 0);
      fs.closeSync(fd);
      return [results, hole, data, bytes.length, sum];
    },
  },
  {
    name: 'copy_file_range copies, also within one file',
    run: (d) => {
      fs.writeFileSync(`${d}/a`, '0123456789'.repeat(1000));
      const from = fs.openSync(`${d}/a`, 'r+');
      const to = fs.openSync(`${d}/b`, 'w+');
      const offsets = new BigInt64Array([5n, 2n]);
      const bytes = new Uint8Array(offsets.buffer);
      const copied = attempt(() =>
        call(SYS.copy_file_range, from, bytes.subarray(0, 8), to, bytes.subarray(8), 5000, 0),
      );
      const overlap = new BigInt64Array([0n, 10n]);
      const both = new Uint8Array(overlap.buffer);
      const refused = attempt(() =>
        call(SYS.copy_file_range, from, both.subarray(0, 8), from, both.subarray(8), 20, 0),
      );
      fs.closeSync(from);
      fs.closeSync(to);
      return [
        copied,
        [...offsets].map(Number),
        refused,
        text(`${d}/b`).slice(0, 20),
        fs.statSync(`${d}/b`).size,
      ];
    },
  },
  {
    name: 'direct I/O',
    run: (d) => {
      const fd = fs.openSync(`${d}/a`, O_CREAT | O_RDWR | O_DIRECT);
      const aligned = call(SYS.mmap, 0, 16384, 3, 0x22, -1, 0);
      const wrote = attempt(() => call(SYS.pwrite64, fd, aligned, 8192, 0));
      const read = attempt(() => call(SYS.pread64, fd, aligned + 8192, 8192, 0));
      const atEnd = attempt(() => call(SYS.pread64, fd, aligned, 4096, 8192));
      const flags = call(SYS.fcntl, fd, 3) & O_DIRECT;
      fs.closeSync(fd);
      call(SYS.munmap, aligned, 16384);
      return [wrote, read, atEnd, flags, fs.statSync(`${d}/a`).size];
    },
  },
  {
    name: 'direct I/O can be switched off by fcntl',
    run: (d) => {
      const fd = fs.openSync(`${d}/a`, O_CREAT | O_RDWR | O_DIRECT);
      const refused = attempt(() => call(SYS.pwrite64, fd, new Uint8Array(5), 5, 5));
      call(SYS.fcntl, fd, 4, 0);
      const written = attempt(() => fs.writeSync(fd, 'odd', 5));
      fs.closeSync(fd);
      return [refused, written, fs.statSync(`${d}/a`).size];
    },
  },
  {
    name: 'fsync, fdatasync and O_SYNC',
    run: (d) => {
      const fd = fs.openSync(`${d}/a`, 'as+');
      fs.writeSync(fd, 'x');
      fs.fsyncSync(fd);
      fs.fdatasyncSync(fd);
      fs.closeSync(fd);
      const dir = fs.openSync(d, 'r');
      const synced = attempt(() => fs.fsyncSync(dir));
      fs.closeSync(dir);
      return [synced, text(`${d}/a`)];
    },
  },
  {
    name: 'a file without a name, and one given later',
    run: (d) => {
      const fd = attempt(() => call(SYS.openat, -100, Buffer.from(`${d}\0`), 0o20200000 | O_RDWR, 0o640));
      if (typeof fd !== 'number') return fd;
      fs.writeSync(fd, 'tmp');
      const before = fs.fstatSync(fd).nlink;
      const linked = attempt(() =>
        call(
          SYS.linkat,
          -100,
          Buffer.from(`/proc/self/fd/${fd}\0`),
          -100,
          Buffer.from(`${d}/named\0`),
          0x400,
        ),
      );
      const after = fs.fstatSync(fd).nlink;
      fs.closeSync(fd);
      return [before, linked, after, attempt(() => text(`${d}/named`)), fs.readdirSync(d)];
    },
  },
  {
    name: 'access and change times',
    run: (d) => {
      fs.writeFileSync(`${d}/a`, 'x');
      fs.utimesSync(`${d}/a`, 1_000_000_000.25, 1_500_000_000.5);
      const stat = fs.statSync(`${d}/a`, { bigint: true });
      const before = stat.ctimeNs;
      fs.chmodSync(`${d}/a`, 0o600);
      const changed = fs.statSync(`${d}/a`, { bigint: true }).ctimeNs >= before;
      fs.appendFileSync(`${d}/a`, 'y');
      const now = fs.statSync(`${d}/a`).mtimeMs > 1_600_000_000_000;
      fs.symlinkSync('a', `${d}/l`);
      fs.lutimesSync(`${d}/l`, 5, 6);
      return [
        Number(stat.atimeNs / 1000n),
        Number(stat.mtimeNs / 1000n),
        changed,
        now,
        fs.lstatSync(`${d}/l`).mtimeMs,
      ];
    },
  },
];
