import * as fs from 'node:fs';
import { LITTLE_ENDIAN, mapShared, SYS, unmap } from '@ordeal/linux';
import { call } from './calls.js';
import { attempt, type Case } from './case.js';
import { flock, GETLK, OFD_GETLK, OFD_SETLK, READ, SETLK, UNLOCK, WRITE } from './lock-range.js';

const told = (bytes: Uint8Array) => {
  const view = new DataView(bytes.buffer);
  const [start, length] = [view.getBigInt64(8, LITTLE_ENDIAN), view.getBigInt64(16, LITTLE_ENDIAN)];
  return [view.getInt16(0, LITTLE_ENDIAN), Number(start), Number(length)];
};

/** Locks and mappings. */
export const sharingCases: readonly Case[] = [
  {
    name: 'flock excludes other open files and is shared by duplicates',
    run: (d) => {
      fs.writeFileSync(`${d}/a`, '');
      const [one, two] = [fs.openSync(`${d}/a`, 'r'), fs.openSync(`${d}/a`, 'r')];
      const lock = (fd: number, operation: number) => attempt(() => call(SYS.flock, fd, operation | 4));
      const copy = call(SYS.dup, one);
      const results = [
        lock(one, 2),
        lock(two, 2),
        lock(two, 1),
        lock(copy, 2),
        lock(one, 1),
        lock(two, 1),
        lock(one, 2),
      ];
      fs.closeSync(two);
      results.push(lock(one, 2));
      fs.closeSync(one);
      const three = fs.openSync(`${d}/a`, 'r');
      results.push(lock(three, 1));
      call(SYS.close, copy);
      results.push(lock(three, 1), lock(three, 8));
      fs.closeSync(three);
      return results;
    },
  },
  {
    name: 'locks of open file descriptions conflict by range',
    run: (d) => {
      fs.writeFileSync(`${d}/a`, '');
      const [one, two] = [fs.openSync(`${d}/a`, 'r+'), fs.openSync(`${d}/a`, 'r+')];
      const lock = (fd: number, type: number, start: number, length: number) =>
        attempt(() => call(SYS.fcntl, fd, OFD_SETLK, flock(type, start, length)));
      const ask = (fd: number, type: number, start: number, length: number) => {
        const asked = flock(type, start, length);
        call(SYS.fcntl, fd, OFD_GETLK, asked);
        return told(asked);
      };
      const results = [
        lock(one, WRITE, 10, 10),
        lock(two, READ, 0, 10),
        lock(two, READ, 5, 10),
        ask(two, READ, 0, 0),
        lock(one, READ, 12, 2),
        lock(two, READ, 12, 2),
        lock(two, WRITE, 12, 2),
        lock(one, UNLOCK, 0, 0),
        lock(two, WRITE, 0, 0),
        ask(one, WRITE, 100, 1),
      ];
      fs.closeSync(two);
      return [results, lock(one, WRITE, 0, 0), attempt(() => fs.closeSync(one))];
    },
  },
  {
    name: 'process locks never conflict with oneself and end at any close',
    run: (d) => {
      fs.writeFileSync(`${d}/a`, '');
      const [one, two, ofd] = ['r+', 'r+', 'r+'].map((flags) => fs.openSync(`${d}/a`, flags)) as [
        number,
        number,
        number,
      ];
      const lock = (fd: number, command: number, type: number) =>
        attempt(() => call(SYS.fcntl, fd, command, flock(type, 0, 100)));
      const ask = () => {
        const asked = flock(WRITE, 0, 0);
        call(SYS.fcntl, ofd, OFD_GETLK, asked);
        return told(asked);
      };
      const results = [lock(one, SETLK, WRITE), lock(two, SETLK, WRITE), lock(ofd, OFD_SETLK, WRITE), ask()];
      const own = flock(WRITE, 0, 0);
      call(SYS.fcntl, two, GETLK, own);
      fs.closeSync(two);
      results.push(told(own), lock(ofd, OFD_SETLK, WRITE), lock(one, SETLK, READ));
      const readOnly = fs.openSync(`${d}/a`, 'r');
      results.push(lock(readOnly, SETLK, WRITE));
      for (const fd of [one, ofd, readOnly]) fs.closeSync(fd);
      return results;
    },
  },
  {
    name: 'a shared mapping and the file are one',
    run: (d) => {
      fs.writeFileSync(`${d}/a`, Buffer.alloc(10000, 'a'));
      const fd = fs.openSync(`${d}/a`, 'r+');
      const memory = attempt(() => {
        const map = mapShared(fd, 8192, 0, true);
        const bytes = new Uint8Array(map.buffer);
        const first = bytes[5000] ?? 0;
        bytes[5000] = 0x62;
        call(SYS.msync, Number(map.address), 8192, 4);
        const read = Buffer.alloc(1);
        fs.readSync(fd, read, 0, 1, 5000);
        fs.writeSync(fd, 'c', 6000);
        const seen = bytes[6000] ?? 0;
        unmap(map);
        return [first, read[0] ?? 0, seen];
      });
      fs.closeSync(fd);
      return [memory, fs.readFileSync(`${d}/a`, 'latin1').slice(4998, 5003), fs.statSync(`${d}/a`).size];
    },
  },
  {
    name: 'a mapping outlives the descriptor and the name',
    run: (d) => {
      fs.writeFileSync(`${d}/a`, Buffer.alloc(4096, 'a'));
      fs.linkSync(`${d}/a`, `${d}/b`);
      const fd = fs.openSync(`${d}/a`, 'r+');
      const map = mapShared(fd, 4096, 0, true);
      fs.closeSync(fd);
      fs.unlinkSync(`${d}/a`);
      const bytes = new Uint8Array(map.buffer);
      bytes.fill(0x7a, 0, 10);
      const seen = bytes[20] ?? 0;
      unmap(map);
      return [seen, fs.readFileSync(`${d}/b`, 'latin1').slice(0, 12)];
    },
  },
  {
    name: 'a private mapping keeps its changes to itself',
    run: (d) => {
      fs.writeFileSync(`${d}/a`, Buffer.alloc(4096, 'a'));
      const fd = fs.openSync(`${d}/a`, 'r');
      const address = call(SYS.mmap, 0, 4096, 3, 2, fd, 0);
      // The mapping's memory is reached by a write from it and a read into it.
      const out = fs.openSync(`${d}/b`, 'w+');
      fs.writeFileSync(`${d}/c`, 'changed');
      const from = fs.openSync(`${d}/c`, 'r');
      call(SYS.pread64, from, address, 7, 0);
      call(SYS.pwrite64, out, address, 12, 0);
      call(SYS.munmap, address, 4096);
      for (const open of [fd, out, from]) fs.closeSync(open);
      return [fs.readFileSync(`${d}/b`, 'latin1'), fs.readFileSync(`${d}/a`, 'latin1').slice(0, 8)];
    },
  },
];
