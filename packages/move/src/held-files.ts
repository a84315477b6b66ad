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
 * The files that a process holds open on the new side: the server of the old side, or a process that shares its
 * descriptors. A file that was unlinked, or whose name now belongs to another file, is found among them by its inode
 * number, which is the same on both sides.
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

  /** Opens the file again. The caller closes it. `undefined` if it is not found, or not with certainty. */
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

  /**
   * On the new side's own mount, if its file system supports handles; otherwise on the mount that its holder uses.
   */
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
