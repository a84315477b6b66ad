import {
  attachMount,
  cloneTree,
  ERRNO,
  type Fd,
  makePrivate,
  O_PATH,
  openBelow,
  SyscallError,
} from '@ordeal/linux';

/** A copy of a file's mount, and its destination. */
interface PreparedFile {
  readonly name: string;
  readonly copy: Fd;
  readonly node: Fd;
}

/**
 * Files of a tree that must stay the original inodes under a mount that shows the same tree: a copy of each is
 * mounted over its name there. Prepare them before the mount is visible, attach them when it is attached itself
 * (before Linux 6.15 nothing can be attached to a detached mount), in the namespace of the tree.
 */
export class BareFileMounts {
  readonly #files: PreparedFile[] = [];
  /** Names that stay the mount's own, and why. */
  readonly failed: string[] = [];

  /**
   * Looks up all of them, so the mount must be served. Names that are gone are left out.
   *
   * @param names relative to both roots
   */
  constructor(origin: Fd, mount: Fd, names: readonly string[]) {
    for (const name of names) this.#attempt(name, () => this.#prepare(origin, mount, name));
  }

  /** Once the mount is in the namespace. */
  attach(): void {
    for (const { name, copy, node } of this.#files) this.#attempt(name, () => attachMount(copy, node));
  }

  close(): void {
    for (const { copy, node } of this.#files) {
      copy.close();
      node.close();
    }
  }

  #prepare(origin: Fd, mount: Fd, name: string): void {
    const path = Buffer.from(name);
    const file = openBelow(origin.number, path, O_PATH);
    const opened = [file];
    try {
      const node = openBelow(mount.number, path, O_PATH);
      opened.push(node);
      const copy = cloneTree(file);
      opened.push(copy);
      makePrivate(copy);
      this.#files.push({ name, copy, node });
      file.close();
    } catch (error) {
      for (const fd of opened) fd.close();
      throw error;
    }
  }

  #attempt(name: string, action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      if (error.errno !== ERRNO.ENOENT) this.failed.push(`${name}: ${error.message}`);
    }
  }
}
