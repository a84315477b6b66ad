import { constants, readdirSync } from 'node:fs';
import {
  cString,
  type Fd,
  identifyDescriptor,
  identifyPath,
  O_PATH,
  openPath,
  openSameFile,
  reopenDescriptor,
  SyscallError,
} from '@ordeal/linux';
import type { OpenRequest } from './sides.js';

interface HeldFile {
  readonly number: string;
  readonly device: string;
}

/**
 * The files that a process holds open on the new side: the server of the old one, or who shares its descriptors. A file
 * that has no name any more, or whose name is another's now, is found among them by the number of its inode, which is
 * the same on both sides.
 */
export class HeldFiles {
  readonly #pid: number;
  readonly #root: number;
  #index: Map<bigint, HeldFile[]> | undefined;

  /** @param root O_PATH descriptor of the new side's root, which stays the caller's */
  constructor(pid: number, root: number) {
    this.#pid = pid;
    this.#root = root;
  }

  /** Opens the file once more. The caller closes it. `undefined` where it is not found, or not for certain. */
  open({ identity, flags }: OpenRequest): Fd | undefined {
    const { device } = identifyDescriptor(this.#root);
    this.#index ??= this.#read();
    if (!this.#index.has(identity.inode)) this.#index = this.#read();
    const found = this.#index.get(identity.inode) ?? [];
    const devices = new Set(found.map((each) => each.device));
    const wanted = devices.has(device) ? device : devices.size === 1 ? [...devices][0] : undefined;
    const file = found.find((each) => each.device === wanted);
    if (!file) return undefined;
    try {
      return this.#reopen(file.number, flags, wanted === device);
    } catch (error) {
      if (error instanceof SyscallError) return undefined;
      throw error;
    }
  }

  /** On the new side's own mount, where its file system finds files by handles; else on the one that its holder uses. */
  #reopen(number: string, flags: number, byHandle: boolean): Fd {
    const held = openPath(`/proc/${this.#pid}/fd/${number}`, O_PATH);
    try {
      if (!byHandle) return reopenDescriptor(held.number, flags);
      const mount = reopenDescriptor(this.#root, constants.O_RDONLY);
      try {
        return openSameFile(held.number, mount.number, flags);
      } catch (error) {
        if (!(error instanceof SyscallError)) throw error;
        return reopenDescriptor(held.number, flags);
      } finally {
        mount.close();
      }
    } finally {
      held.close();
    }
  }

  #read(): Map<bigint, HeldFile[]> {
    const index = new Map<bigint, HeldFile[]>();
    const path = `/proc/${this.#pid}/fd`;
    let directory: Fd;
    try {
      directory = openPath(path, constants.O_RDONLY | constants.O_DIRECTORY);
    } catch (error) {
      if (error instanceof SyscallError) return index;
      throw error;
    }
    for (const number of readdirSync(path)) {
      const identity = identifyPath(directory.number, cString(number));
      if (!identity) continue;
      const known = index.get(identity.inode) ?? [];
      known.push({ number, device: identity.device });
      index.set(identity.inode, known);
    }
    directory.close();
    return index;
  }
}
