/**
 * Request numbers: enum fuse_opcode in include/uapi/linux/fuse.h (Linux 6.18, protocol 7.45).
 * SYNCFS since 7.34, TMPFILE since 7.37, STATX since 7.39, COPY_FILE_RANGE_64 since 7.45.
 */
export const OPCODE = {
  LOOKUP: 1,
  FORGET: 2,
  GETATTR: 3,
  SETATTR: 4,
  READLINK: 5,
  SYMLINK: 6,
  MKNOD: 8,
  MKDIR: 9,
  UNLINK: 10,
  RMDIR: 11,
  RENAME: 12,
  LINK: 13,
  OPEN: 14,
  READ: 15,
  WRITE: 16,
  STATFS: 17,
  RELEASE: 18,
  FSYNC: 20,
  SETXATTR: 21,
  GETXATTR: 22,
  LISTXATTR: 23,
  REMOVEXATTR: 24,
  FLUSH: 25,
  INIT: 26,
  OPENDIR: 27,
  READDIR: 28,
  RELEASEDIR: 29,
  FSYNCDIR: 30,
  GETLK: 31,
  SETLK: 32,
  SETLKW: 33,
  ACCESS: 34,
  CREATE: 35,
  INTERRUPT: 36,
  BMAP: 37,
  DESTROY: 38,
  IOCTL: 39,
  POLL: 40,
  NOTIFY_REPLY: 41,
  BATCH_FORGET: 42,
  FALLOCATE: 43,
  READDIRPLUS: 44,
  RENAME2: 45,
  LSEEK: 46,
  COPY_FILE_RANGE: 47,
  SETUPMAPPING: 48,
  REMOVEMAPPING: 49,
  SYNCFS: 50,
  TMPFILE: 51,
  STATX: 52,
  COPY_FILE_RANGE_64: 53,
} as const;

export type OpcodeName = keyof typeof OPCODE;

/** One more than the largest request number: the length of a table by opcode. */
export const OPCODE_LIMIT = 54;

const names = new Map<number, string>(Object.entries(OPCODE).map(([name, number]) => [number, name]));

/** The name of a request for a log line, `opcode 77` if it is unknown. */
export function opcodeName(opcode: number): string {
  return names.get(opcode) ?? `opcode ${opcode}`;
}

/** The kernel neither waits for nor accepts a reply to these. */
export function wantsNoReply(opcode: number): boolean {
  return opcode === OPCODE.FORGET || opcode === OPCODE.BATCH_FORGET || opcode === OPCODE.INTERRUPT;
}

const short = new Array<boolean>(OPCODE_LIMIT).fill(false);
for (const opcode of [
  OPCODE.LOOKUP,
  OPCODE.GETATTR,
  OPCODE.SETATTR,
  OPCODE.SYMLINK,
  OPCODE.MKNOD,
  OPCODE.MKDIR,
  OPCODE.UNLINK,
  OPCODE.RMDIR,
  OPCODE.RENAME,
  OPCODE.LINK,
  OPCODE.OPEN,
  OPCODE.WRITE,
  OPCODE.STATFS,
  OPCODE.RELEASE,
  OPCODE.FSYNC,
  OPCODE.FLUSH,
  OPCODE.INIT,
  OPCODE.OPENDIR,
  OPCODE.RELEASEDIR,
  OPCODE.CREATE,
  OPCODE.RENAME2,
  OPCODE.LSEEK,
  OPCODE.TMPFILE,
  OPCODE.STATX,
]) {
  short[opcode] = true;
}

/** Whether the body of the reply is a structure of less than 1 KiB, or nothing. */
export function hasShortReply(opcode: number): boolean {
  return short[opcode] ?? false;
}
