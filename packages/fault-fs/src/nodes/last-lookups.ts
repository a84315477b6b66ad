import type { InodeNumber, Node } from './node.js';

interface Found {
  readonly parent: Node;
  readonly name: string;
  readonly inode: InodeNumber;
}

/**
 * What the last lookups found. The kernel looks a name up just before it makes, removes or renames it, and for a rename the
 * new name after the old one, so the server need not ask for its inode once more.
 */
export class LastLookups {
  #last: Found | undefined;
  #before: Found | undefined;

  /** @param inode the number that the name has; 0 where there is no such entry */
  found(parent: Node, name: string, inode: InodeNumber): void {
    this.#before = this.#last;
    this.#last = { parent, name, inode };
  }

  /** The number that was found for this name, once; `undefined` where two other names were looked up since. */
  take(parent: Node, name: string): InodeNumber | undefined {
    const found = [this.#last, this.#before].find((each) => each?.parent === parent && each.name === name);
    this.#last = undefined;
    this.#before = undefined;
    return found?.inode;
  }
}
