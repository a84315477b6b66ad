import { IN_HEADER, type Request } from './request.js';

// The bodies of requests, one reader each. Layouts: struct fuse_*_in in include/uapi/linux/fuse.h (7.45). If names
// follow, `nameAt` is the offset of the first one in the message.

const B = IN_HEADER;

/** Requests with only a name: LOOKUP, UNLINK, RMDIR, REMOVEXATTR; and SYMLINK, two names. */
export const NAME_AT = B;

export const readGetattr = (r: Request) => ({ flags: r.u32(B), fh: r.u64(B + 8) });

export const readForget = (r: Request) => ({ lookups: r.u64(B) });

/** `each` is called once per node: fuse_batch_forget_in and `count` times fuse_forget_one. */
export function readBatchForget(r: Request, each: (nodeid: number, lookups: number) => void): void {
  const count = r.u32(B);
  for (let index = 0; index < count; index++) each(r.u64(B + 8 + index * 16), r.u64(B + 16 + index * 16));
}

export const readSetattr = (r: Request) => ({
  valid: r.u32(B),
  fh: r.u64(B + 8),
  size: r.offset(B + 16),
  lockOwner: r.big(B + 24),
  atime: r.big(B + 32),
  mtime: r.big(B + 40),
  atimeNsec: r.u32(B + 56),
  mtimeNsec: r.u32(B + 60),
  mode: r.u32(B + 68),
  uid: r.u32(B + 76),
  gid: r.u32(B + 80),
});

export const readMknod = (r: Request) => ({
  mode: r.u32(B),
  rdev: r.u32(B + 4),
  umask: r.u32(B + 8),
  nameAt: B + 16,
});

export const readMkdir = (r: Request) => ({ mode: r.u32(B), umask: r.u32(B + 4), nameAt: B + 8 });

export const readLink = (r: Request) => ({ nodeid: r.u64(B), nameAt: B + 8 });

/** RENAME has no flags and RENAME2 has; two names follow. */
export const readRename = (r: Request) => ({ newDir: r.u64(B), flags: 0, nameAt: B + 8 });
export const readRename2 = (r: Request) => ({ newDir: r.u64(B), flags: r.u32(B + 8), nameAt: B + 16 });

/** OPEN and OPENDIR. */
export const readOpen = (r: Request) => ({ flags: r.u32(B), openFlags: r.u32(B + 4) });

/** CREATE and TMPFILE. */
export const readCreate = (r: Request) => ({
  flags: r.u32(B),
  mode: r.u32(B + 4),
  umask: r.u32(B + 8),
  openFlags: r.u32(B + 12),
  nameAt: B + 16,
});

/** READ, READDIR and READDIRPLUS; `flags` are those of the open file, as fcntl may have changed them. */
export const readRead = (r: Request) => ({
  fh: r.u64(B),
  offset: r.offset(B + 8),
  size: r.u32(B + 16),
  readFlags: r.u32(B + 20),
  flags: r.u32(B + 32),
});

/** The payload starts at byte {@link WRITE_DATA_AT}. */
export const readWrite = (r: Request) => ({
  fh: r.u64(B),
  offset: r.offset(B + 8),
  size: r.u32(B + 16),
  writeFlags: r.u32(B + 20),
  flags: r.u32(B + 32),
});

export const WRITE_DATA_AT = B + 40;

/** RELEASE and RELEASEDIR. */
export const readRelease = (r: Request) => ({
  fh: r.u64(B),
  flags: r.u32(B + 8),
  releaseFlags: r.u32(B + 12),
  lockOwner: r.big(B + 16),
});

export const readFlush = (r: Request) => ({ fh: r.u64(B), lockOwner: r.big(B + 16) });

/** FSYNC and FSYNCDIR. */
export const readFsync = (r: Request) => ({ fh: r.u64(B), flags: r.u32(B + 8) });

/** @param long whether SETXATTR_EXT was agreed on: the structure then has 16 bytes instead of 8 */
export const readSetxattr = (r: Request, long: boolean) => ({
  size: r.u32(B),
  flags: r.u32(B + 4),
  setxattrFlags: long ? r.u32(B + 8) : 0,
  nameAt: long ? B + 16 : B + 8,
});

/** GETXATTR (a name follows) and LISTXATTR. */
export const readGetxattr = (r: Request) => ({ size: r.u32(B), nameAt: B + 8 });

/** GETLK, SETLK and SETLKW; `end` is inclusive, 2^63 - 1 means to the end of the file. */
export const readLock = (r: Request) => ({
  fh: r.u64(B),
  owner: r.big(B + 8),
  start: r.big(B + 16),
  end: r.big(B + 24),
  type: r.u32(B + 32),
  pid: r.u32(B + 36),
  flags: r.u32(B + 40),
});

export const readAccess = (r: Request) => ({ mask: r.u32(B) });

export const readIoctl = (r: Request) => ({
  fh: r.u64(B),
  flags: r.u32(B + 8),
  command: r.u32(B + 12),
  argument: r.big(B + 16),
  inSize: r.u32(B + 24),
  outSize: r.u32(B + 28),
  dataAt: B + 32,
});

export const readFallocate = (r: Request) => ({
  fh: r.u64(B),
  offset: r.offset(B + 8),
  length: r.offset(B + 16),
  mode: r.u32(B + 24),
});

export const readLseek = (r: Request) => ({ fh: r.u64(B), offset: r.offset(B + 8), whence: r.u32(B + 16) });

export const readCopyFileRange = (r: Request) => ({
  fhIn: r.u64(B),
  offsetIn: r.big(B + 8),
  nodeidOut: r.u64(B + 16),
  fhOut: r.u64(B + 24),
  offsetOut: r.big(B + 32),
  length: r.u64(B + 40),
  flags: r.u64(B + 48),
});

export const readStatx = (r: Request) => ({
  getattrFlags: r.u32(B),
  fh: r.u64(B + 8),
  flags: r.u32(B + 16),
  mask: r.u32(B + 20),
});

/** Key of the request that is to be interrupted, as {@link Request.key} makes it. */
export const readInterrupt = (r: Request) => r.u32(B) + (r.u32(B + 4) & 0x7fffffff) * 2 ** 32;
