import { LITTLE_ENDIAN } from '@ordeal/linux';

/** sizeof(struct fuse_attr). */
export const ATTR_SIZE = 88;
/** sizeof(struct fuse_entry_out): nodeid 0, generation 8, entry_valid 16, attr_valid 24, nsec 32 and 36, attr 40. */
export const ENTRY_OUT = 128;
export const ENTRY_ATTR = 40;
/** sizeof(struct fuse_attr_out): attr_valid 0, attr_valid_nsec 8, attr 16. */
export const ATTR_OUT = 104;
export const ATTR_OUT_ATTR = 16;
/** sizeof(struct fuse_open_out): fh 0, open_flags 8, backing_id 12. */
export const OPEN_OUT = 16;

/** Offsets in struct fuse_attr. */
export const ATTR = {
  ino: 0,
  size: 8,
  blocks: 16,
  atime: 24,
  mtime: 32,
  ctime: 40,
  atimensec: 48,
  mtimensec: 52,
  ctimensec: 56,
  mode: 60,
  nlink: 64,
  uid: 68,
  gid: 72,
  rdev: 76,
  blksize: 80,
  flags: 84,
} as const;

/** Offsets in struct statx (include/uapi/linux/stat.h), the same on every architecture; 256 bytes in all. */
export const STATX = {
  size_of: 256,
  mask: 0,
  blksize: 4,
  attributes: 8,
  nlink: 16,
  uid: 20,
  gid: 24,
  mode: 28,
  ino: 32,
  size: 40,
  blocks: 48,
  atime: 64,
  btime: 80,
  ctime: 96,
  mtime: 112,
  rdevMajor: 128,
  rdevMinor: 132,
  devMajor: 136,
  devMinor: 140,
  mountId: 144,
} as const;

const words: readonly (readonly [attr: number, statx: number])[] = [
  [ATTR.ino, STATX.ino],
  [ATTR.ino + 4, STATX.ino + 4],
  [ATTR.size, STATX.size],
  [ATTR.size + 4, STATX.size + 4],
  [ATTR.blocks, STATX.blocks],
  [ATTR.blocks + 4, STATX.blocks + 4],
  [ATTR.atime, STATX.atime],
  [ATTR.atime + 4, STATX.atime + 4],
  [ATTR.mtime, STATX.mtime],
  [ATTR.mtime + 4, STATX.mtime + 4],
  [ATTR.ctime, STATX.ctime],
  [ATTR.ctime + 4, STATX.ctime + 4],
  [ATTR.atimensec, STATX.atime + 8],
  [ATTR.mtimensec, STATX.mtime + 8],
  [ATTR.ctimensec, STATX.ctime + 8],
  [ATTR.nlink, STATX.nlink],
  [ATTR.uid, STATX.uid],
  [ATTR.gid, STATX.gid],
  [ATTR.blksize, STATX.blksize],
];

const attrWords = Int32Array.from(words, ([attr]) => attr);
const statxWords = Int32Array.from(words, ([, statx]) => statx);

/** Writes a struct fuse_attr at `to` from a struct statx at `from`, all 64 bits of every field. */
export function attrFromStatx(target: DataView, to: number, source: DataView, from: number): void {
  for (let word = 0; word < attrWords.length; word++) {
    const attr = attrWords[word] as number;
    const statx = statxWords[word] as number;
    target.setUint32(to + attr, source.getUint32(from + statx, LITTLE_ENDIAN), LITTLE_ENDIAN);
  }
  target.setUint32(to + ATTR.mode, source.getUint16(from + STATX.mode, LITTLE_ENDIAN), LITTLE_ENDIAN);
  const major = source.getUint32(from + STATX.rdevMajor, LITTLE_ENDIAN);
  const minor = source.getUint32(from + STATX.rdevMinor, LITTLE_ENDIAN);
  target.setUint32(to + ATTR.rdev, encodeDevice(major, minor), LITTLE_ENDIAN);
  target.setUint32(to + ATTR.flags, 0, LITTLE_ENDIAN);
}

/** The inverse: overwrites only those fields of a struct statx that a struct fuse_attr has. */
export function statxFromAttr(target: DataView, to: number, source: DataView, from: number): void {
  for (const [attr, statx] of words) {
    target.setUint32(to + statx, source.getUint32(from + attr, LITTLE_ENDIAN), LITTLE_ENDIAN);
  }
  target.setUint16(to + STATX.mode, source.getUint32(from + ATTR.mode, LITTLE_ENDIAN), LITTLE_ENDIAN);
  const rdev = source.getUint32(from + ATTR.rdev, LITTLE_ENDIAN);
  // new_decode_dev() in include/linux/kdev_t.h
  target.setUint32(to + STATX.rdevMajor, (rdev & 0xfff00) >>> 8, LITTLE_ENDIAN);
  target.setUint32(to + STATX.rdevMinor, (rdev & 0xff) | ((rdev >>> 12) & 0xfff00), LITTLE_ENDIAN);
}

/** A device number in FUSE's encoding: new_encode_dev() in include/linux/kdev_t.h. mknod(2) takes the same form. */
export function encodeDevice(major: number, minor: number): number {
  return ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;
}
