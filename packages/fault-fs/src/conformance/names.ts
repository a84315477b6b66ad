import * as fs from 'node:fs';
import { SYS } from '@ordeal/linux';
import { call, entries, FDCWD, O_DIRECTORY, O_RDONLY, path } from './calls.js';
import { attempt, type Case } from './case.js';

const renameat2 = (from: string, to: string, flags: number) =>
  attempt(() => call(SYS.renameat2, FDCWD, path(from), FDCWD, path(to), flags));

/** Directories, names and links. */
export const nameCases: readonly Case[] = [
  {
    name: 'directories are made, listed and removed',
    run: (d) => {
      fs.mkdirSync(`${d}/a`);
      fs.writeFileSync(`${d}/a/f`, '');
      return [
        fs.readdirSync(d),
        fs.statSync(d).nlink,
        attempt(() => fs.rmdirSync(`${d}/a`)),
        attempt(() => fs.mkdirSync(`${d}/a`)),
        attempt(() => fs.rmdirSync(`${d}/a/f`)),
        attempt(() => fs.unlinkSync(`${d}/a`)),
        attempt(() => fs.rmdirSync(`${d}/missing`)),
        attempt(() => fs.rmdirSync(`${d}/a/.`)),
      ];
    },
  },
  {
    name: 'a removed directory that is still open',
    run: (d) => {
      fs.mkdirSync(`${d}/a`);
      const fd = fs.openSync(`${d}/a`, O_RDONLY | O_DIRECTORY);
      fs.rmdirSync(`${d}/a`);
      const nlink = fs.fstatSync(fd).nlink;
      const listed = attempt(() => entries(fd, 4096).length);
      const made = attempt(() => call(SYS.openat, fd, path('x'), 0o102, 0o600));
      fs.closeSync(fd);
      return [nlink, listed, made];
    },
  },
  {
    name: 'rename replaces, refuses and exchanges',
    run: (d) => {
      fs.writeFileSync(`${d}/a`, 'a');
      fs.writeFileSync(`${d}/b`, 'b');
      fs.mkdirSync(`${d}/dir/sub`, { recursive: true });
      fs.mkdirSync(`${d}/empty`);
      const results = [
        renameat2(`${d}/a`, `${d}/b`, 1), // NOREPLACE
        renameat2(`${d}/a`, `${d}/b`, 2), // EXCHANGE
        renameat2(`${d}/a`, `${d}/dir`, 2),
        renameat2(`${d}/a`, `${d}/missing`, 2),
        renameat2(`${d}/b`, `${d}/c`, 3),
        renameat2(`${d}/dir`, `${d}/dir2/x`, 0),
        renameat2(`${d}/b`, `${d}/dir2`, 8),
        attempt(() => fs.renameSync(`${d}/dir`, `${d}/empty`)),
        attempt(() => fs.renameSync(`${d}/empty`, `${d}/empty/x`)),
        attempt(() => fs.renameSync(`${d}/missing`, `${d}/x`)),
      ];
      const shape = fs.readdirSync(d, { recursive: true, withFileTypes: true });
      return [results, shape.map((entry) => `${entry.name}${entry.isDirectory() ? '/' : ''}`).sort()];
    },
  },
  {
    name: 'a rename with whiteout leaves a device behind',
    run: (d) => {
      fs.writeFileSync(`${d}/a`, 'a');
      const result = renameat2(`${d}/a`, `${d}/b`, 4);
      return [result, fs.readdirSync(d), attempt(() => fs.lstatSync(`${d}/a`).mode)];
    },
  },
  {
    name: 'renaming one name of a file to another does nothing',
    run: (d) => {
      fs.writeFileSync(`${d}/a`, 'a');
      fs.linkSync(`${d}/a`, `${d}/b`);
      fs.renameSync(`${d}/a`, `${d}/b`);
      return [fs.readdirSync(d), fs.statSync(`${d}/a`).nlink];
    },
  },
  {
    name: 'long names, odd names, names that are no UTF-8',
    run: (d) => {
      const longest = 'n'.repeat(255);
      const bytes = Buffer.from([0x2f, 0xff, 0xfe, 0x80, 0x20, 0x0a]);
      const odd = Buffer.concat([Buffer.from(d), bytes]);
      fs.writeFileSync(odd, 'odd');
      const list = fs.readdirSync(d, { encoding: 'buffer' }).map((name) => name.toString('latin1'));
      return [
        attempt(() => fs.writeFileSync(`${d}/${longest}`, 'x')),
        attempt(() => fs.writeFileSync(`${d}/${longest}n`, 'x')),
        attempt(() => fs.statSync(`${d}/${'p/'.repeat(2100)}`).size),
        list,
        fs.readFileSync(odd, 'utf8'),
      ];
    },
  },
  {
    name: 'symbolic links',
    run: (d) => {
      fs.writeFileSync(`${d}/a`, 'a');
      fs.symlinkSync('a', `${d}/l`);
      fs.symlinkSync('loop', `${d}/loop`);
      fs.symlinkSync('x'.repeat(4095), `${d}/long`);
      return [
        fs.readlinkSync(`${d}/l`),
        fs.readFileSync(`${d}/l`, 'utf8'),
        fs.lstatSync(`${d}/l`).size,
        fs.lstatSync(`${d}/l`).mode,
        attempt(() => fs.statSync(`${d}/loop`).size),
        fs.readlinkSync(`${d}/long`).length,
        attempt(() => fs.symlinkSync('x'.repeat(4096), `${d}/longer`)),
        attempt(() => fs.readlinkSync(`${d}/a`)),
        attempt(() => fs.openSync(`${d}/l`, 0o400000)),
        attempt(() => fs.linkSync(`${d}/l`, `${d}/l2`)),
        fs.lstatSync(`${d}/l2`).isSymbolicLink(),
      ];
    },
  },
  {
    name: 'a directory is read in pieces, and again from any place',
    run: (d) => {
      for (let index = 0; index < 500; index++) fs.writeFileSync(`${d}/file-${index}`, '');
      const fd = fs.openSync(d, O_RDONLY | O_DIRECTORY);
      const all: ReturnType<typeof entries> = [];
      for (let part = entries(fd, 512); part.length > 0; part = entries(fd, 512)) all.push(...part);
      const middle = all[250]?.offset ?? 0n;
      call(SYS.lseek, fd, middle, 0);
      const rest = entries(fd, 512).map(({ name }) => name);
      const same = rest.every((name, index) => name === all[251 + index]?.name);
      call(SYS.lseek, fd, 0, 0);
      const first = entries(fd, 512)[0]?.name === all[0]?.name;
      fs.closeSync(fd);
      return [all.map(({ name, type }) => `${name} ${type}`).sort(), same, rest.length > 0, first];
    },
  },
  {
    name: 'a directory that changes while it is read shows what stays exactly once',
    run: (d) => {
      for (let index = 0; index < 300; index++) fs.writeFileSync(`${d}/stay-${index}`, '');
      for (let index = 0; index < 300; index++) fs.writeFileSync(`${d}/go-${index}`, '');
      const fd = fs.openSync(d, O_RDONLY | O_DIRECTORY);
      const seen: string[] = [];
      let gone = 0;
      for (let part = entries(fd, 1024); part.length > 0; part = entries(fd, 1024)) {
        seen.push(...part.map(({ name }) => name).filter((name) => name.startsWith('stay')));
        for (let count = 0; count < 20 && gone < 300; count++) fs.unlinkSync(`${d}/go-${gone++}`);
      }
      fs.closeSync(fd);
      return [seen.length, new Set(seen).size];
    },
  },
  {
    name: 'special files',
    run: (d) => {
      const made = [
        attempt(() => call(SYS.mknodat, FDCWD, path(`${d}/fifo`), 0o010644, 0)),
        attempt(() => call(SYS.mknodat, FDCWD, path(`${d}/socket`), 0o140644, 0)),
        attempt(() => call(SYS.mknodat, FDCWD, path(`${d}/null`), 0o020666, 0x103)),
        attempt(() => call(SYS.mknodat, FDCWD, path(`${d}/block`), 0o060600, 0x12345678)),
        attempt(() => call(SYS.mknodat, FDCWD, path(`${d}/plain`), 0o100600, 0)),
      ];
      const stats = ['fifo', 'socket', 'null', 'block', 'plain'].map((name) => {
        const stat = fs.lstatSync(`${d}/${name}`);
        return [stat.mode, stat.rdev];
      });
      // The kernel serves FIFOs itself: both ends are in one process.
      const end = fs.openSync(`${d}/fifo`, 0o4002);
      fs.writeSync(end, 'through');
      const through = Buffer.alloc(7);
      fs.readSync(end, through, 0, 7, null);
      fs.closeSync(end);
      fs.writeFileSync(`${d}/null`, 'gone');
      return [made, stats, through.toString()];
    },
  },
];
