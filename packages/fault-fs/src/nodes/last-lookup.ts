import type { InodeNumber, Node } from './node.js';

/**
 * What the last lookup found. The kernel looks a name up just before it makes or removes it, so the server need not ask
 * for its inode once more.
 */
export class LastLookup {
  #parent: Node | undefined;
  #name = '';
  #inode: InodeNumber = 0;

  /** @param inode the number that the name has; 0 where there is no such entry */
  found(parent: Node, name: string, inode: InodeNumber): void {
    this.#parent = parent;
    this.#name = name;
    this.#inode = inode;
  }

  /** The number that was found for this name, once; `undefined` where another name was looked up since. */
  take(parent: Node, name: string): InodeNumber | undefined {
    const known = this.#parent === parent && this.#name === name;
    this.#parent = undefined;
    return known ? this.#inode : undefined;
  }
}
