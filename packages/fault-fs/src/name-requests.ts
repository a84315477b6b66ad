import { OPCODE } from '@ordeal/fuse';

/** Requests that make, remove or change a name in a directory; OPEN with O_CREAT comes as CREATE. */
export const NAME_REQUESTS = [
  OPCODE.CREATE,
  OPCODE.MKNOD,
  OPCODE.MKDIR,
  OPCODE.SYMLINK,
  OPCODE.LINK,
  OPCODE.UNLINK,
  OPCODE.RMDIR,
  OPCODE.RENAME,
  OPCODE.RENAME2,
] as const;
