import { OPCODE, OPCODE_LIMIT } from '@ordeal/fuse';
import * as attributes from './attributes.js';
import * as creation from './creation.js';
import * as data from './data.js';
import * as directories from './directories.js';
import * as information from './information.js';
import { ioctl } from './ioctl.js';
import * as locks from './locks.js';
import * as opening from './open.js';
import type { Operation } from './operation.js';
import * as removal from './removal.js';
import * as xattrs from './xattrs.js';

/**
 * Operations by opcode. Left out, and so answered with ENOSYS: ACCESS (never sent, the kernel checks permissions), POLL
 * (the kernel then answers as for any regular file), BMAP and the DAX mappings (not for this kind of mount).
 */
export const operations: readonly (Operation | undefined)[] = byOpcode({
  LOOKUP: attributes.lookup,
  FORGET: attributes.forget,
  BATCH_FORGET: attributes.batchForget,
  GETATTR: attributes.getattr,
  SETATTR: attributes.setattr,
  STATX: attributes.statx,
  READLINK: information.readlink,
  STATFS: information.statfs,
  SYMLINK: creation.symlink,
  MKNOD: creation.mknod,
  MKDIR: creation.mkdir,
  LINK: creation.link,
  UNLINK: removal.unlink,
  RMDIR: removal.rmdir,
  RENAME: removal.rename,
  RENAME2: removal.rename2,
  OPEN: opening.open,
  CREATE: opening.create,
  TMPFILE: opening.tmpfile,
  FLUSH: opening.flush,
  RELEASE: opening.release,
  OPENDIR: directories.opendir,
  READDIR: directories.readdir,
  READDIRPLUS: directories.readdirplus,
  RELEASEDIR: opening.release,
  READ: data.read,
  WRITE: data.write,
  FSYNC: data.fsync,
  FSYNCDIR: data.fsync,
  SYNCFS: data.syncfs,
  FALLOCATE: data.fallocate,
  LSEEK: data.lseek,
  COPY_FILE_RANGE: data.copyFileRange,
  COPY_FILE_RANGE_64: data.copyFileRange64,
  SETXATTR: xattrs.setxattr,
  GETXATTR: xattrs.getxattr,
  LISTXATTR: xattrs.listxattr,
  REMOVEXATTR: xattrs.removexattr,
  GETLK: locks.getlk,
  SETLK: locks.setlk,
  SETLKW: locks.setlkw,
  IOCTL: ioctl,
});

function byOpcode(named: { readonly [name in keyof typeof OPCODE]?: Operation }): (Operation | undefined)[] {
  const table = new Array<Operation | undefined>(OPCODE_LIMIT).fill(undefined);
  for (const [name, operation] of Object.entries(named))
    table[OPCODE[name as keyof typeof OPCODE]] = operation;
  return table;
}
