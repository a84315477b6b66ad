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
  /** Tells whether what was opened under the old name is the old file. Default: same device and inode. */
  readonly isSame?: (opened: FileIdentity, old: FileIdentity) => boolean;
}

/**
 * A new side below `root` (an O_PATH descriptor, which stays the caller's) that shows the files of the old side under
 * the same names: another mount of the same file system, or a server that passes inode numbers through. A file is
 * opened by its name and compared; where the name is gone or another's, by its handle if the file system is the same.
 */
export function sameFilesBelow(root: number, options: SameFilesOptions = {}): OpenOnNewSide {
  const { device } = identifyDescriptor(root);
  const isSame =
    options.isSame ?? ((opened, old) => opened.device === old.device && opened.inode === old.inode);
  return (request) => {
    const attempts = [() => openByName(root, request)];
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

function openByHandle(root: number, { descriptor, flags }: OpenRequest): Fd {
  const mount = reopenDescriptor(root, constants.O_RDONLY);
  try {
    return openSameFile(descriptor, mount.number, flags);
  } finally {
    mount.close();
  }
}
