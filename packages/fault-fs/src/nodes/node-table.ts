import { type InodeNumber, Link, Node } from './node.js';

/** FUSE_ROOT_ID, include/uapi/linux/fuse.h. */
export const ROOT_ID = 1;

/**
 * All nodes that the kernel may name, by id and by identity, and the directory entries through which they were found.
 *
 * A node lives while the kernel remembers it, while it is open, or while a living node is below it. So paths are
 * always known, and ids are reused only with a new generation.
 */
export class NodeTable {
  readonly root: Node;
  /** Raised whenever a directory moves: every path below it has changed. */
  epoch = 0;
  readonly #whenDropped: (node: Node) => void;
  #nodes: (Node | undefined)[] = [undefined];
  #free: number[] = [];
  readonly #devices = new Map<number, Map<InodeNumber, Node>>();
  #generation = 1;
  /** How many nodes have been dropped so far. */
  dropped = 0;

  /** @param dropped told of each node that nothing refers to any more, to close what it holds */
  constructor(device: number, ino: InodeNumber, type: number, dropped: (node: Node) => void) {
    this.#whenDropped = dropped;
    this.root = this.add(device, ino, type);
    this.root.lookups = 1;
  }

  get size(): number {
    return this.#nodes.length - 1 - this.#free.length;
  }

  get(id: number): Node | undefined {
    return this.#nodes[id];
  }

  find(device: number, ino: InodeNumber): Node | undefined {
    return this.#devices.get(device)?.get(ino);
  }

  add(device: number, ino: InodeNumber, type: number): Node {
    const id = this.#free.pop() ?? this.#nodes.length;
    const node = new Node(id, this.#generation++, device, ino, type);
    this.#nodes[id] = node;
    let inodes = this.#devices.get(device);
    if (!inodes) {
      inodes = new Map();
      this.#devices.set(device, inodes);
    }
    inodes.set(ino, node);
    return node;
  }

  /** The inode number belongs to another file now: the node can only be reached by its id from here on. */
  disown(node: Node): void {
    const inodes = this.#devices.get(node.device);
    if (inodes?.get(node.ino) === node) inodes.delete(node.ino);
  }

  /** Notes that `name` of `parent` is `node`, and that this name was the last one used. */
  link(parent: Node, name: string, node: Node): Link {
    parent.children ??= new Map();
    const known = parent.children.get(name);
    if (known?.node === node) {
      node.current = known;
      return known;
    }
    if (known) this.#unlink(known);
    const link = new Link(node, parent, name);
    parent.children.set(name, link);
    node.links.push(link);
    node.current = link;
    return link;
  }

  /** Notes that an entry is gone. */
  unlink(parent: Node, name: string): void {
    const link = parent.children?.get(name);
    if (!link) return;
    this.#unlink(link);
    this.release(link.node);
    this.release(parent);
  }

  /** Notes a rename, or with `exchange` that two entries changed places. */
  rename(from: Node, name: string, to: Node, newName: string, exchange: boolean): void {
    const moved = from.children?.get(name);
    const other = to.children?.get(newName);
    if (moved && moved === other) return;
    // Two names of one inode: rename(2) does nothing.
    if (moved && other && moved.node === other.node && !exchange) return;
    if (other && !exchange) this.#unlink(other);
    if (moved) from.children?.delete(name);
    if (other && exchange) {
      to.children?.delete(newName);
      this.#place(other, from, name);
    }
    if (moved) this.#place(moved, to, newName);
    if (other && !exchange) this.release(other.node);
    this.release(from);
    this.release(to);
  }

  forget(node: Node, lookups: number): void {
    node.lookups = Math.max(0, node.lookups - lookups);
    this.release(node);
  }

  /** Drops the node, and then those above it, where nothing refers to them any more. */
  release(start: Node): void {
    let node: Node | undefined = start;
    while (node && node !== this.root && node.lookups === 0 && node.opens === 0 && !node.children?.size) {
      if (this.#nodes[node.id] !== node) return;
      this.#nodes[node.id] = undefined;
      this.#free.push(node.id);
      this.disown(node);
      this.dropped++;
      this.#whenDropped(node);
      const links: readonly Link[] = [...node.links];
      for (const link of links) this.#unlink(link);
      // More than one parent only where there are hard links, and these are files: no long recursion.
      for (const link of links.slice(1)) this.release(link.parent);
      node = links[0]?.parent;
    }
  }

  /** Releases unused memory after many nodes have been dropped. Takes time linear in the table's size. */
  shrink(): void {
    const last = this.#nodes.findLastIndex((node) => node !== undefined);
    const nodes = this.#nodes.slice(0, last + 1);
    this.#nodes = nodes;
    this.#free = [];
    for (let id = last; id > 0; id--) if (!nodes[id]) this.#free.push(id);
  }

  /** All living nodes. */
  *[Symbol.iterator](): IterableIterator<Node> {
    for (const node of this.#nodes) if (node) yield node;
  }

  #place(link: Link, parent: Node, name: string): void {
    link.parent = parent;
    link.name = name;
    link.rulesEpoch = -1;
    parent.children ??= new Map();
    parent.children.set(name, link);
    if (link.node.children) this.epoch++;
  }

  /** The link stays as it is for those who hold it. */
  #unlink(link: Link): void {
    if (link.parent.children?.get(link.name) === link) link.parent.children.delete(link.name);
    const links = link.node.links;
    const at = links.indexOf(link);
    if (at >= 0) links.splice(at, 1);
    if (link.node.current === link && links[0]) link.node.current = links[0];
  }
}
