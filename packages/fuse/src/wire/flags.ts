// Flags of the FUSE protocol. Source: include/uapi/linux/fuse.h of Linux 6.18 (protocol 7.45).

/** Bits of `flags` in fuse_init_in and fuse_init_out. */
export const INIT = {
  ASYNC_READ: 1 << 0,
  POSIX_LOCKS: 1 << 1,
  ATOMIC_O_TRUNC: 1 << 3,
  EXPORT_SUPPORT: 1 << 4,
  BIG_WRITES: 1 << 5,
  DONT_MASK: 1 << 6,
  SPLICE_WRITE: 1 << 7,
  SPLICE_MOVE: 1 << 8,
  SPLICE_READ: 1 << 9,
  FLOCK_LOCKS: 1 << 10,
  HAS_IOCTL_DIR: 1 << 11,
  AUTO_INVAL_DATA: 1 << 12,
  DO_READDIRPLUS: 1 << 13,
  READDIRPLUS_AUTO: 1 << 14,
  ASYNC_DIO: 1 << 15,
  WRITEBACK_CACHE: 1 << 16,
  PARALLEL_DIROPS: 1 << 18,
  HANDLE_KILLPRIV: 1 << 19,
  POSIX_ACL: 1 << 20,
  MAX_PAGES: 1 << 22,
  CACHE_SYMLINKS: 1 << 23,
  HANDLE_KILLPRIV_V2: 1 << 28,
  /** The kernel sends the long form of fuse_setxattr_in (7.33). */
  SETXATTR_EXT: 1 << 29,
  /** `flags2` is valid (7.36). */
  INIT_EXT: 1 << 30,
} as const;

/** Bits of `flags2`: the header numbers them from 32 on. */
export const INIT2 = {
  SECURITY_CTX: 1 << 0,
  /** 7.38 */
  CREATE_SUPP_GROUP: 1 << 2,
  HAS_EXPIRE_ONLY: 1 << 3,
  /** Shared mappings of files opened direct (7.39, Linux 6.6). */
  DIRECT_IO_ALLOW_MMAP: 1 << 4,
  /** 7.40, Linux 6.9. */
  PASSTHROUGH: 1 << 5,
  NO_EXPORT_SUPPORT: 1 << 6,
  /** NOTIFY_RESEND works (7.40, Linux 6.9). */
  HAS_RESEND: 1 << 7,
} as const;

/** Bits of `open_flags` in fuse_open_out. */
export const FOPEN = {
  DIRECT_IO: 1 << 0,
  KEEP_CACHE: 1 << 1,
  NONSEEKABLE: 1 << 2,
  CACHE_DIR: 1 << 3,
  STREAM: 1 << 4,
  NOFLUSH: 1 << 5,
  /** 7.38 */
  PARALLEL_DIRECT_WRITES: 1 << 6,
  /** 7.40 */
  PASSTHROUGH: 1 << 7,
} as const;

/** Bits of `valid` in fuse_setattr_in. */
export const FATTR = {
  MODE: 1 << 0,
  UID: 1 << 1,
  GID: 1 << 2,
  SIZE: 1 << 3,
  ATIME: 1 << 4,
  MTIME: 1 << 5,
  FH: 1 << 6,
  ATIME_NOW: 1 << 7,
  MTIME_NOW: 1 << 8,
  LOCKOWNER: 1 << 9,
  CTIME: 1 << 10,
  KILL_SUIDGID: 1 << 11,
} as const;

/** `open_flags` of fuse_open_in and fuse_create_in: a truncating open must drop the set-id bits. */
export const OPEN_KILL_SUIDGID = 1 << 0;

export const RELEASE = { FLUSH: 1 << 0, FLOCK_UNLOCK: 1 << 1 } as const;

/** `getattr_flags`: `fh` is valid. */
export const GETATTR_FH = 1 << 0;

/** `lk_flags`: flock(2) and not fcntl(2). */
export const LK_FLOCK = 1 << 0;

/** `read_flags` of fuse_read_in; LOCKOWNER: the read was made by a program, not to fill the page cache. */
export const READ = { LOCKOWNER: 1 << 1 } as const;

/** `write_flags` of fuse_write_in; CACHE: written back from the page cache, so the handle is a guess and there is no calling process. */
export const WRITE = { CACHE: 1 << 0, LOCKOWNER: 1 << 1, KILL_SUIDGID: 1 << 2 } as const;

export const FSYNC_FDATASYNC = 1 << 0;

export const IOCTL_DIR = 1 << 4;

/** `setxattr_flags`: setting an access ACL must drop the set-group-id bit (7.33). */
export const SETXATTR_ACL_KILL_SGID = 1 << 0;

/** Unsolicited messages to the kernel: enum fuse_notify_code. */
export const NOTIFY = { INVAL_INODE: 2, INVAL_ENTRY: 3, RESEND: 7 } as const;
