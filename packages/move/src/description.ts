import { constants } from 'node:fs';
import type { Fd, FileIdentity, FileLock } from '@ordeal/linux';
import { O_PATH } from '@ordeal/linux';

/**
 * An open file description of the old side, which any number of descriptors in any number of processes may share. The
 * move holds its own descriptor for it, and one for its successor, so that sharing is preserved.
 */
export interface Description {
  /** Our descriptor for the old description itself. */
  readonly old: Fd;
  readonly identity: FileIdentity;
  /** File status flags by F_GETFL when it was found. */
  readonly flags: number;
  /** Number of the inode as `/proc/locks` shows it. */
  readonly lockInode: string;
  /** The path, for messages. */
  readonly path: string;
  /**
   * `fresh`: the successor is open and may be passed on; `moved`: it has taken over offset and locks; `left`: stays
   * on the old side; `outside`: not part of the old side.
   */
  state: DescriptionState;
  /** The description's own locks, once the successor has them. */
  locks?: readonly FileLock[];
}

export type DescriptionState =
  | { readonly kind: 'fresh'; readonly successor: Fd }
  | { readonly kind: 'moved'; readonly successor: Fd }
  | { readonly kind: 'left'; readonly reason: string }
  | { readonly kind: 'outside' };

const __O_TMPFILE = 0o20000000;
const FASYNC = 0o20000;

const { S_IFMT, S_IFREG, S_IFDIR } = constants;

/** Flags with which the successor is opened. */
export function successorFlags(flags: number): number {
  const once =
    constants.O_CREAT | constants.O_EXCL | constants.O_TRUNC | constants.O_NOCTTY | __O_TMPFILE | FASYNC;
  // O_TMPFILE includes O_DIRECTORY, which a file that it made must not be opened with.
  const directory = (flags & __O_TMPFILE) !== 0 ? constants.O_DIRECTORY : 0;
  return flags & ~(once | directory);
}

/** Why a description of this kind is never moved; `undefined` for those that are. */
export function immovable(identity: FileIdentity, flags: number): string | undefined {
  if ((flags & O_PATH) !== 0) return undefined;
  switch (identity.mode & S_IFMT) {
    case S_IFREG:
    case S_IFDIR:
      return undefined;
    case constants.S_IFIFO:
      return 'is a FIFO: what is in it would be lost';
    default:
      return 'is a device: opening it again could act on it';
  }
}
