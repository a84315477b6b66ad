import type { InodeNumber, Node } from './nodes/node.js';

/** The identity of a file on the backing file system. */
export interface Inode {
  /** `major * 2^32 + minor` */
  readonly device: number;
  readonly ino: InodeNumber;
}

/**
 * Sockets and FIFOs whose originals are mounted over their names: whoever connects to one or opens it must find the inode
 * itself. Such a name cannot be removed or renamed while the mount is there.
 */
export class BareFiles {
  readonly #files = new Set<string>();
  readonly #ways = new Set<string>();

  /** @param ways the directories that lead to the files */
  add(files: readonly Inode[], ways: readonly Inode[]): void {
    for (const file of files) this.#files.add(keyOf(file));
    for (const way of ways) this.#ways.add(keyOf(way));
  }

  has(node: Node): boolean {
    return this.#files.size > 0 && this.#files.has(keyOf(node));
  }

  /** Whether the kernel would drop the mount of such a file if a lookup of this node failed. */
  needs(node: Node): boolean {
    return this.has(node) || (this.#ways.size > 0 && this.#ways.has(keyOf(node)));
  }

  /** The node is a file like any other from now on. */
  delete(node: Node): void {
    this.#files.delete(keyOf(node));
  }
}

function keyOf({ device, ino }: Inode): string {
  return `${device}:${ino}`;
}
