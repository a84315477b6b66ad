import * as fs from 'node:fs';
import { SYS } from '@ordeal/linux';
import { as, call, FDCWD, path } from './calls.js';
import { attempt, type Case } from './case.js';

const owner = (file: string) => {
  const { uid, gid, mode } = fs.lstatSync(file);
  return [uid, gid, mode.toString(8)];
};

const make = (file: string, mode: number) => fs.closeSync(fs.openSync(file, 'wx', mode));

/** Runs with an umask, on this process. */
function masked<T>(mask: number, action: () => T): T {
  const before = process.umask(mask);
  try {
    return action();
  } finally {
    process.umask(before);
  }
}

/** A POSIX ACL as the xattr carries it: version 2, entries of tag, permissions and id (linux/posix_acl_xattr.h). */
function acl(...entries: readonly (readonly [tag: number, perm: number, id?: number])[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 + entries.length * 8));
  view.setUint32(0, 2, true);
  entries.forEach(([tag, perm, id = 0xffffffff], index) => {
    view.setUint16(4 + index * 8, tag, true);
    view.setUint16(6 + index * 8, perm, true);
    view.setUint32(8 + index * 8, id, true);
  });
  return new Uint8Array(view.buffer);
}

const setxattr = (file: string, name: string, value: Uint8Array) =>
  attempt(() => call(SYS.setxattr, path(file), path(name), value, value.length, 0));

/** Who owns what is made, who may do what, and which bits fall when. */
export const permissionCases: readonly Case[] = [
  {
    name: 'what a user makes belongs to the user',
    run: (d) => {
      fs.chmodSync(d, 0o777);
      as(1000, 1001, [], () => {
        make(`${d}/file`, 0o666);
        fs.mkdirSync(`${d}/dir`);
        fs.symlinkSync('x', `${d}/link`);
        call(SYS.mknodat, FDCWD, path(`${d}/fifo`), 0o010600, 0);
      });
      return ['file', 'dir', 'link', 'fifo'].map((name) => owner(`${d}/${name}`));
    },
  },
  {
    name: 'the umask applies, unless a default ACL replaces it',
    run: (d) => {
      fs.mkdirSync(`${d}/plain`);
      fs.mkdirSync(`${d}/acl`);
      // USER_OBJ 1, USER 2, GROUP_OBJ 4, MASK 0x10, OTHER 0x20
      const entries = acl([1, 7], [2, 7, 1234], [4, 5], [0x10, 7], [0x20, 5]);
      const set = setxattr(`${d}/acl`, 'system.posix_acl_default', entries);
      masked(0o077, () => {
        for (const name of ['plain', 'acl']) {
          make(`${d}/${name}/file`, 0o666);
          fs.mkdirSync(`${d}/${name}/dir`, 0o777);
        }
      });
      return [set, ['plain/file', 'plain/dir', 'acl/file', 'acl/dir'].map((name) => owner(`${d}/${name}`))];
    },
  },
  {
    name: 'an ACL grants and denies',
    run: (d) => {
      fs.writeFileSync(`${d}/a`, 'secret', { mode: 0o600 });
      const denied = as(1000, 1000, [], () => attempt(() => fs.readFileSync(`${d}/a`, 'utf8')));
      const set = setxattr(
        `${d}/a`,
        'system.posix_acl_access',
        acl([1, 6], [2, 4, 1000], [4, 0], [0x10, 4], [0x20, 0]),
      );
      const granted = as(1000, 1000, [], () => attempt(() => fs.readFileSync(`${d}/a`, 'utf8')));
      const other = as(1001, 1000, [], () => attempt(() => fs.readFileSync(`${d}/a`, 'utf8')));
      fs.chmodSync(`${d}/a`, 0o600);
      const masked = as(1000, 1000, [], () => attempt(() => fs.readFileSync(`${d}/a`, 'utf8')));
      return [denied, set, granted, other, masked, owner(`${d}/a`)];
    },
  },
  {
    name: 'supplementary groups count',
    run: (d) => {
      fs.mkdirSync(`${d}/dir`, 0o770);
      fs.chmodSync(`${d}/dir`, 0o2770);
      fs.chownSync(`${d}/dir`, 0, 5000);
      const outside = as(1000, 1000, [4999], () => attempt(() => make(`${d}/dir/x`, 0o600)));
      const inside = as(1000, 1000, [4999, 5000], () => attempt(() => make(`${d}/dir/y`, 0o2670)));
      as(1000, 1000, [5000], () => fs.mkdirSync(`${d}/dir/sub`));
      const list = as(1000, 1000, [5000], () => attempt(() => fs.readdirSync(`${d}/dir`).sort()));
      return [outside, inside, owner(`${d}/dir/y`), owner(`${d}/dir/sub`), list];
    },
  },
  {
    name: 'a set-group-id directory hands on its group, but not the bit to strangers',
    run: (d) => {
      fs.mkdirSync(`${d}/dir`);
      fs.chownSync(`${d}/dir`, 0, 6000);
      fs.chmodSync(`${d}/dir`, 0o2777);
      as(1000, 1000, [], () => make(`${d}/dir/file`, 0o2775));
      as(1000, 1000, [], () => fs.mkdirSync(`${d}/dir/sub`));
      return [owner(`${d}/dir/file`), owner(`${d}/dir/sub`)];
    },
  },
  {
    name: 'the sticky bit protects from others',
    run: (d) => {
      fs.chmodSync(d, 0o1777);
      as(1000, 1000, [], () => make(`${d}/mine`, 0o666));
      return [
        as(1001, 1001, [], () => attempt(() => fs.unlinkSync(`${d}/mine`))),
        as(1001, 1001, [], () => attempt(() => fs.renameSync(`${d}/mine`, `${d}/yours`))),
        as(1000, 1000, [], () => attempt(() => fs.unlinkSync(`${d}/mine`))),
      ];
    },
  },
  {
    name: 'only owners change modes, owners and times',
    run: (d) => {
      fs.writeFileSync(`${d}/a`, 'x', { mode: 0o666 });
      fs.chmodSync(`${d}/a`, 0o666);
      fs.chownSync(`${d}/a`, 1000, 1000);
      return [
        as(1001, 1001, [], () => attempt(() => fs.chmodSync(`${d}/a`, 0o600))),
        as(1001, 1001, [], () => attempt(() => fs.utimesSync(`${d}/a`, 1, 1))),
        as(1001, 1001, [], () => attempt(() => call(SYS.utimensat, FDCWD, path(`${d}/a`), 0, 0))),
        as(1000, 1000, [], () => attempt(() => fs.chownSync(`${d}/a`, 1001, 1000))),
        as(1000, 1000, [2000], () => attempt(() => fs.chownSync(`${d}/a`, 1000, 2000))),
        as(1000, 1000, [], () => attempt(() => fs.chownSync(`${d}/a`, 1000, 3000))),
        as(1000, 1000, [], () => attempt(() => fs.chmodSync(`${d}/a`, 0o2770))),
        owner(`${d}/a`),
      ];
    },
  },
  {
    name: 'writing, cutting and giving away drop set-id bits',
    run: (d) => {
      const after = (name: string, uid: number, change: (file: string) => void) => {
        fs.writeFileSync(`${d}/${name}`, 'content');
        fs.chownSync(`${d}/${name}`, 1000, 1000);
        fs.chmodSync(`${d}/${name}`, 0o6777);
        as(uid, uid, [], () => change(`${d}/${name}`));
        return owner(`${d}/${name}`);
      };
      fs.chmodSync(d, 0o777);
      return [
        after('write', 1000, (file) => fs.appendFileSync(file, 'x')),
        after('write0', 0, (file) => fs.appendFileSync(file, 'x')),
        after('cut', 1000, (file) => fs.truncateSync(file, 1)),
        after('cut0', 0, (file) => fs.truncateSync(file, 1)),
        after('open', 1000, (file) => fs.closeSync(fs.openSync(file, 'w'))),
        after('open0', 0, (file) => fs.closeSync(fs.openSync(file, 'w'))),
        after('give', 0, (file) => fs.chownSync(file, 1001, 1001)),
        after('read', 1000, (file) => fs.readFileSync(file)),
      ];
    },
  },
  {
    name: 'search and write permission of directories',
    run: (d) => {
      fs.mkdirSync(`${d}/dir`);
      fs.writeFileSync(`${d}/dir/a`, 'x');
      fs.chmodSync(`${d}/dir`, 0o711);
      const read = as(1000, 1000, [], () => attempt(() => fs.readdirSync(`${d}/dir`)));
      const search = as(1000, 1000, [], () => attempt(() => fs.readFileSync(`${d}/dir/a`, 'utf8')));
      const write = as(1000, 1000, [], () => attempt(() => make(`${d}/dir/b`, 0o600)));
      const remove = as(1000, 1000, [], () => attempt(() => fs.unlinkSync(`${d}/dir/a`)));
      fs.chmodSync(`${d}/dir`, 0o744);
      const list = as(1000, 1000, [], () => attempt(() => fs.readdirSync(`${d}/dir`)));
      const closed = as(1000, 1000, [], () => attempt(() => fs.readFileSync(`${d}/dir/a`, 'utf8')));
      return [read, search, write, remove, list, closed];
    },
  },
  {
    name: 'extended attributes',
    run: (d) => {
      fs.writeFileSync(`${d}/a`, 'x');
      const value = new Uint8Array(100);
      const get = (name: string, size: number) =>
        attempt(() => call(SYS.getxattr, path(`${d}/a`), path(name), value, size));
      const set = (name: string, text: string, flags: number) =>
        attempt(() => call(SYS.setxattr, path(`${d}/a`), path(name), path(text), text.length, flags));
      const results = [
        set('user.one', 'first', 0),
        set('user.one', 'again', 1),
        set('user.two', 'none', 2),
        set('user.empty', '', 0),
        set('trusted.t', 'root only', 0),
        set('security.ordeal', 'label', 0),
        set('bogus', 'x', 0),
        set(`user.${'n'.repeat(300)}`, 'x', 0),
        get('user.one', 100),
        get('user.one', 0),
        get('user.one', 2),
        get('user.empty', 100),
        get('user.none', 100),
        as(1000, 1000, [], () => get('trusted.t', 100)),
        as(1000, 1000, [], () => set('user.mine', 'x', 0)),
        attempt(() => call(SYS.listxattr, path(`${d}/a`), value, 0)),
        attempt(() => call(SYS.listxattr, path(`${d}/a`), value, 3)),
      ];
      const length = call(SYS.listxattr, path(`${d}/a`), value, value.length);
      const list = Buffer.from(value.subarray(0, length)).toString().split('\0').sort();
      const removed = attempt(() => call(SYS.removexattr, path(`${d}/a`), path('user.one')));
      return [results, list, removed, get('user.one', 100)];
    },
  },
  {
    name: 'inode flags and generation by ioctl',
    run: (d) => {
      fs.writeFileSync(`${d}/a`, 'x');
      const fd = fs.openSync(`${d}/a`, 'r');
      const word = new Uint8Array(32);
      const flags = () => {
        word.fill(0);
        const result = attempt(() => call(SYS.ioctl, fd, 0x80086601, word));
        return [result, new DataView(word.buffer).getUint32(0, true)];
      };
      const before = flags();
      const set = attempt(() => {
        word.fill(0);
        new DataView(word.buffer).setUint32(0, (before[1] as number) | 0x40, true); // NODUMP
        return call(SYS.ioctl, fd, 0x40086602, word);
      });
      const after = flags();
      const byUser = as(1000, 1000, [], () => attempt(() => call(SYS.ioctl, fd, 0x40086602, word)));
      const generation = attempt(() => call(SYS.ioctl, fd, 0x80087601, word));
      const unknown = attempt(() => call(SYS.ioctl, fd, 0x5413, word));
      const available = attempt(() => call(SYS.ioctl, fd, 0x541b, word));
      fs.closeSync(fd);
      return [before, set, after, byUser, generation, unknown, available];
    },
  },
];
