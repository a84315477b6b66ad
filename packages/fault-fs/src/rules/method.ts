import { IO_METHODS, type IoMethod } from '@ordeal/experiment';
import { OPCODE, OPCODE_LIMIT } from '@ordeal/fuse';

/** The operations that a rule can name. */
export const METHODS = IO_METHODS;

export type Method = IoMethod;

/** The place of requests without a name of their own (ioctl, fallocate, lseek …): only rules without methods meet them. */
export const UNNAMED: number = METHODS.length;

/** How many places a table by method has. */
export const METHOD_COUNT: number = METHODS.length + 1;

const named: { readonly [name in keyof typeof OPCODE]?: Method } = {
  LOOKUP: 'lookup',
  FORGET: 'forget',
  BATCH_FORGET: 'forget',
  GETATTR: 'getattr',
  STATX: 'getattr',
  SETATTR: 'setattr',
  READLINK: 'readlink',
  MKNOD: 'mknod',
  MKDIR: 'mkdir',
  UNLINK: 'unlink',
  RMDIR: 'rmdir',
  SYMLINK: 'symlink',
  RENAME: 'rename',
  RENAME2: 'rename',
  LINK: 'link',
  OPEN: 'open',
  READ: 'read',
  WRITE: 'write',
  FLUSH: 'flush',
  RELEASE: 'release',
  FSYNC: 'fsync',
  OPENDIR: 'opendir',
  READDIR: 'readdir',
  READDIRPLUS: 'readdir',
  RELEASEDIR: 'releasedir',
  FSYNCDIR: 'fsyncdir',
  STATFS: 'statfs',
  SETXATTR: 'setxattr',
  GETXATTR: 'getxattr',
  LISTXATTR: 'listxattr',
  REMOVEXATTR: 'removexattr',
  ACCESS: 'access',
  CREATE: 'create',
  TMPFILE: 'create',
  GETLK: 'getlk',
  SETLK: 'setlk',
  SETLKW: 'setlk',
  BMAP: 'bmap',
};

const byOpcode = Array.from({ length: OPCODE_LIMIT }, () => UNNAMED);
for (const [name, method] of Object.entries(named)) {
  byOpcode[OPCODE[name as keyof typeof OPCODE]] = METHODS.indexOf(method);
}

/** Index in {@link METHODS} of the method that a request is, or {@link UNNAMED}. */
export function methodOf(opcode: number): number {
  return byOpcode[opcode] ?? UNNAMED;
}
