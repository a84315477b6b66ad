import { constants } from 'node:fs';
import {
  type Fd,
  type FileIdentity,
  identifyDescriptor,
  openBelow,
  openSameFile,
  reopenDescriptor,
  SyscallError,
} from '@ordeal/linux';
import type { OpenOnNewSide, OpenRequest } from './sides.js';

export interface SameFilesOptions {
  /** Whether the file opened under the old name is the old file. Default: same device and inode. */
  readonly isSame?: (opened: FileIdentity, old: FileIdentity) => boolean;
  /**
   * Whether names that the kernel marks as deleted are tried without the mark: if a server has died, the next lookup
   * of a name makes the kernel drop it (fuse_dentry_revalidate(), fs/fuse/dir.c). Default: no.
   */
  readonly lostNames?: boolean;
}

/** The suffix that d_path(9) adds to the name of a deleted file. */
const DELETED = Buffer.from(' (deleted)');

/**
 * A new side below `root` (an O_PATH descriptor, which stays the caller's) that shows the files of the old side under
 * the same names: another mount of the same file system, or a server that passes inode numbers through. A file is
 * opened by its name and compared; if the name is gone or belongs to another file, by its handle if the file system
 * is the same.
 */
export function sameFilesBelow(root: number, options: SameFilesOptions = {}): OpenOnNewSide {
  const { device } = identifyDescriptor(root);
  const isSame =
    options.isSame ?? ((opened, old) => opened.device === old.device && opened.inode === old.inode);
  return (request) => {
    const attempts = [() => openByName(root, request)];
    const lost = options.lostNames ? withoutMark(request.name) : undefined;
    if (lost) attempts.push(() => openByName(root, { ...request, name: lost }));
    // A handle means something only to the file system that made it.
    if (request.identity.device === device) attempts.push(() => openByHandle(root, request));
    let reason = 'has no name any more by which the new side could find it';
    for (const attempt of attempts) {
      try {
        const opened = attempt();
        if (opened === undefined) continue;
        if (isSame(identifyDescriptor(opened.number), request.identity)) return opened;
        opened.close();
      } catch (error) {
        if (!(error instanceof SyscallError)) throw error;
        reason = `cannot be opened on the new side: ${error.message}`;
      }
    }
    return reason;
  };
}

function openByName(root: number, { name, flags }: OpenRequest): Fd | undefined {
  if (name === undefined) return undefined;
  return name.length === 0 ? reopenDescriptor(root, flags) : openBelow(root, name, flags);
}

function withoutMark(name: Uint8Array | undefined): Uint8Array | undefined {
  if (name === undefined || !DELETED.equals(name.subarray(-DELETED.length))) return undefined;
  return name.subarray(0, -DELETED.length);
}

function openByHandle(root: number, { descriptor, flags }: OpenRequest): Fd {
  const mount = reopenDescriptor(root, constants.O_RDONLY);
  try {
    return openSameFile(descriptor, mount.number, flags);
  } finally {
    mount.close();
  }
}
