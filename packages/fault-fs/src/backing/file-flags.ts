import { arch } from 'node:process';

// include/uapi/asm-generic/fcntl.h; arm64 has four flags at other places (arch/arm64/include/uapi/asm/fcntl.h).
const arm = arch === 'arm64';

/** Flags of open(2) on this architecture. */
export const O = {
  RDONLY: 0,
  WRONLY: 1,
  RDWR: 2,
  ACCMODE: 3,
  CREAT: 0o100,
  EXCL: 0o200,
  NOCTTY: 0o400,
  TRUNC: 0o1000,
  APPEND: 0o2000,
  NONBLOCK: 0o4000,
  DSYNC: 0o10000,
  DIRECT: arm ? 0o200000 : 0o40000,
  LARGEFILE: arm ? 0o400000 : 0o100000,
  DIRECTORY: arm ? 0o40000 : 0o200000,
  NOFOLLOW: arm ? 0o100000 : 0o400000,
  NOATIME: 0o1000000,
  CLOEXEC: 0o2000000,
  SYNC: 0o4010000,
  PATH: 0o10000000,
  /** O_TMPFILE contains O_DIRECTORY. */
  TMPFILE: 0o20000000 | (arm ? 0o40000 : 0o200000),
} as const;

/** include/uapi/linux/fcntl.h */
export const AT = {
  FDCWD: -100,
  SYMLINK_NOFOLLOW: 0x100,
  REMOVEDIR: 0x200,
  SYMLINK_FOLLOW: 0x400,
  NO_AUTOMOUNT: 0x800,
  EMPTY_PATH: 0x1000,
} as const;

/** Flags of renameat2(2): include/uapi/linux/fs.h */
export const RENAME = { EXCHANGE: 2, WHITEOUT: 4 } as const;

/** include/uapi/linux/stat.h */
export const S = {
  IFMT: 0o170000,
  IFSOCK: 0o140000,
  IFLNK: 0o120000,
  IFREG: 0o100000,
  IFBLK: 0o060000,
  IFDIR: 0o040000,
  IFCHR: 0o020000,
  IFIFO: 0o010000,
} as const;

/** STATX_INO, include/uapi/linux/stat.h. */
export const STATX_INO = 0x100;
/** STATX_BASIC_STATS, and STATX_BTIME. */
export const STATX_BASIC = 0x7ff;
export const STATX_BTIME = 0x800;
