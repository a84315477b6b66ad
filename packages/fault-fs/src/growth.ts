import {
  FATTR,
  OPCODE,
  type Request,
  readCreate,
  readFallocate,
  readOpen,
  readRename,
  readRename2,
  readSetattr,
  readWrite,
  STATX,
} from '@ordeal/fuse';
import { LITTLE_ENDIAN } from '@ordeal/linux';
import { O, RENAME } from './backing/file-flags.js';
import { nameKey } from './nodes/name-key.js';
import type { Link, Node } from './nodes/node.js';
import type { Volume } from './volume.js';

/** By how much a request makes a file larger, or less than 0 if smaller. */
export interface Growth {
  readonly link: Link | undefined;
  readonly bytes: number;
}

/** What a request does to the sizes of files; undefined where it changes none. */
export function growthOf(volume: Volume, request: Request): Growth | undefined {
  switch (request.opcode) {
    case OPCODE.WRITE: {
      const { fh, offset, size, flags } = readWrite(request);
      return reaching(volume, fh, (end) => ((flags & O.APPEND) !== 0 ? end : Number(offset)) + size);
    }
    case OPCODE.FALLOCATE: {
      const { fh, offset, length, mode } = readFallocate(request);
      return mode === 0 ? reaching(volume, fh, () => Number(offset) + Number(length)) : undefined;
    }
    case OPCODE.SETATTR: {
      const { valid, size } = readSetattr(request);
      const node = volume.nodeOf(request);
      return (valid & FATTR.SIZE) === 0 || !node ? undefined : becoming(volume, node, Number(size));
    }
    case OPCODE.OPEN: {
      const node = volume.nodeOf(request);
      return (readOpen(request).flags & O.TRUNC) === 0 || !node ? undefined : becoming(volume, node, 0);
    }
    case OPCODE.CREATE: {
      const { flags, nameAt } = readCreate(request);
      const link = childOf(volume.nodeOf(request), request, nameAt);
      return (flags & O.TRUNC) === 0 || !link ? undefined : becoming(volume, link.node, 0);
    }
    case OPCODE.UNLINK:
      return losing(volume, childOf(volume.nodeOf(request), request, 40));
    case OPCODE.RENAME:
    case OPCODE.RENAME2: {
      const { newDir, flags, nameAt } =
        request.opcode === OPCODE.RENAME ? readRename(request) : readRename2(request);
      if ((flags & RENAME.EXCHANGE) !== 0) return undefined;
      const newAt = nameAt + request.nameLength(nameAt) + 1;
      return losing(volume, childOf(volume.table.get(newDir), request, newAt));
    }
    default:
      return undefined;
  }
}

function reaching(volume: Volume, fh: number, endOf: (size: number) => number): Growth | undefined {
  const file = volume.files.get(fh);
  if (!file || volume.statxFd(file.fd) < 0) return undefined;
  const size = sizeFound(volume);
  return { link: file.link, bytes: Math.max(0, endOf(size) - size) };
}

function becoming(volume: Volume, node: Node, size: number): Growth | undefined {
  if (volume.statxFd(volume.descriptors.of(node)) < 0) return undefined;
  return { link: node.current, bytes: size - sizeFound(volume) };
}

/** A file that loses a name; its space becomes free with the last one. */
function losing(volume: Volume, link: Link | undefined): Growth | undefined {
  if (!link || volume.statxFd(volume.descriptors.of(link.node)) < 0) return undefined;
  const { view, statxAt } = volume.scratch;
  const last = view.getUint32(statxAt + STATX.nlink, LITTLE_ENDIAN) === 1;
  return last ? { link, bytes: -sizeFound(volume) } : undefined;
}

function sizeFound({ scratch }: Volume): number {
  return scratch.u64(scratch.statxAt + STATX.size);
}

function childOf(parent: Node | undefined, request: Request, nameAt: number): Link | undefined {
  return parent?.children?.get(nameKey(request, nameAt, request.nameLength(nameAt)));
}
