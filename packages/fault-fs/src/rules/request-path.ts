import { FATTR, GETATTR_FH, OPCODE, OPCODE_LIMIT, type Request } from '@ordeal/fuse';
import { nameKey } from '../nodes/name-key.js';
import type { Link, Node } from '../nodes/node.js';
import type { Volume } from '../volume.js';

/** The offset of the (first) name in requests for a directory entry. */
const nameAt = new Array<number>(OPCODE_LIMIT).fill(0);
for (const [opcode, at] of [
  [OPCODE.LOOKUP, 40],
  [OPCODE.UNLINK, 40],
  [OPCODE.RMDIR, 40],
  [OPCODE.SYMLINK, 40],
  [OPCODE.MKNOD, 56],
  [OPCODE.MKDIR, 48],
  [OPCODE.CREATE, 56],
  [OPCODE.RENAME, 48],
  [OPCODE.RENAME2, 56],
  [OPCODE.LINK, 48],
] as const) {
  nameAt[opcode] = at;
}

/** Requests whose body starts with the handle of an open file. */
const byHandle = new Array<boolean>(OPCODE_LIMIT).fill(false);
for (const opcode of [
  OPCODE.READ,
  OPCODE.WRITE,
  OPCODE.FLUSH,
  OPCODE.RELEASE,
  OPCODE.FSYNC,
  OPCODE.READDIR,
  OPCODE.READDIRPLUS,
  OPCODE.RELEASEDIR,
  OPCODE.FSYNCDIR,
  OPCODE.GETLK,
  OPCODE.SETLK,
  OPCODE.SETLKW,
  OPCODE.IOCTL,
  OPCODE.FALLOCATE,
  OPCODE.LSEEK,
  OPCODE.COPY_FILE_RANGE,
  OPCODE.COPY_FILE_RANGE_64,
]) {
  byHandle[opcode] = true;
}

/** What a request is about: a known name (the root has none), or a name that may not exist yet. */
export type Subject =
  | { readonly known: true; readonly link: Link | undefined }
  | { readonly known: false; readonly parent: Node; readonly name: string };

/**
 * The name by which a request's file was reached: that of the entry in the request, else that under which the open file
 * was opened, else the last one by which the node was looked up. `undefined` for nodes that are not known.
 */
export function subjectOf(volume: Volume, request: Request): Subject | undefined {
  const node = volume.nodeOf(request);
  if (!node) return undefined;
  const at = nameAt[request.opcode] ?? 0;
  if (at !== 0) {
    const name = nameKey(request, at, request.nameLength(at));
    const link = node.children?.get(name);
    return link ? { known: true, link } : { known: false, parent: node, name };
  }
  const file = volume.files.get(handleOf(request));
  return { known: true, link: file ? file.link : node.current };
}

function handleOf(request: Request): number {
  const { opcode } = request;
  if (byHandle[opcode]) return request.u64(40);
  if (opcode === OPCODE.GETATTR && (request.u32(40) & GETATTR_FH) !== 0) return request.u64(48);
  if (opcode === OPCODE.SETATTR && (request.u32(40) & FATTR.FH) !== 0) return request.u64(48);
  return -1;
}
