import { ATTR } from '@ordeal/fuse';
import { LITTLE_ENDIAN } from '@ordeal/linux';
import type { AttrOverride, AttrTime } from './io-rule.js';

const IFMT = 0o170000;

/** Replaces fields of a struct fuse_attr at `at`. The node id stays, so a false inode number confuses clients alone. */
export function overrideAttr(attr: AttrOverride, view: DataView, at: number): void {
  const u64 = (offset: number, value: bigint | number | undefined) => {
    if (value !== undefined) view.setBigUint64(at + offset, BigInt.asUintN(64, BigInt(value)), LITTLE_ENDIAN);
  };
  const u32 = (offset: number, value: number | undefined) => {
    if (value !== undefined) view.setUint32(at + offset, value, LITTLE_ENDIAN);
  };
  const time = (offset: number, nanoseconds: number, value: AttrTime | undefined) => {
    u64(offset, value?.sec);
    u32(nanoseconds, value?.nsec);
  };
  u64(ATTR.ino, attr.ino);
  u64(ATTR.size, attr.size);
  u64(ATTR.blocks, attr.blocks);
  time(ATTR.atime, ATTR.atimensec, attr.atime);
  time(ATTR.mtime, ATTR.mtimensec, attr.mtime);
  time(ATTR.ctime, ATTR.ctimensec, attr.ctime);
  u32(ATTR.nlink, attr.nlink);
  u32(ATTR.uid, attr.uid);
  u32(ATTR.gid, attr.gid);
  u32(ATTR.rdev, attr.rdev);
  const mode = view.getUint32(at + ATTR.mode, LITTLE_ENDIAN);
  const kind = attr.kind === undefined ? mode & IFMT : attr.kind & IFMT;
  const perm = attr.perm === undefined ? mode & 0o7777 : attr.perm & 0o7777;
  u32(ATTR.mode, kind | perm);
}
