import type { LockOwner } from '../locks/lock-owner.js';
import type { OpenFile } from '../open-files.js';

/** An inode number: a number where that is exact, else a bigint. */
export type InodeNumber = number | bigint;

/**
 * One name of a node: an entry of a directory. The same object stays while the entry is renamed, so an open file that
 * holds the link by which it was opened always knows its present path. Once the entry is gone it keeps the last one.
 */
export class Link {
  node: Node;
  parent: Node;
  /** The bytes of the name, one UTF-16 unit each (latin1). */
  name: string;
  /** The rules for the path, valid while {@link Link.rulesEpoch} is the table's epoch. */
  rules: unknown = undefined;
  rulesEpoch = -1;

  constructor(node: Node, parent: Node, name: string) {
    this.node = node;
    this.parent = parent;
    this.name = name;
  }
}

/**
 * An inode that the kernel knows, or that is the parent of one. Identified by device and inode number; never by path.
 */
export class Node {
  /** Its id for the kernel: an index into the node table. */
  readonly id: number;
  /** Tells this node from earlier ones with the same id. */
  readonly generation: number;
  /** `major * 2^32 + minor` of the file system that it lives on. */
  readonly device: number;
  readonly ino: InodeNumber;
  /** S_IFMT bits of st_mode. */
  readonly type: number;
  /** The kernel's lookup count: lookups minus forgets. */
  lookups = 0;
  /** O_PATH descriptor, or -1 while only {@link Node.files} or {@link Node.handle} lead to it. */
  fd = -1;
  /** `struct file_handle`, a UTF-16 unit a byte (latin1); set when the descriptor was closed to save descriptors. */
  handle: string | undefined = undefined;
  /** The descriptor must stay: no handle leads to this node. */
  pinned = false;
  /** Place among the held descriptors, -1 outside. */
  slot = -1;
  /** Used since the clock hand last passed (see PathDescriptors). */
  recent = false;
  /** The last request that used the descriptor. */
  usedBy = -1;
  /** The link by which it was last looked up. The root has none. */
  current: Link | undefined = undefined;
  readonly links: Link[] = [];
  children: Map<string, Link> | undefined = undefined;
  /** Open files and directories, of all kinds. */
  files: Set<OpenFile> | undefined = undefined;
  /** Of these, the ones for reading and writing: while there are none, nothing can map the file shared and writable. */
  readWriteOpens = 0;
  /** Of all, the ones whose data bypasses the server. */
  passthroughOpens = 0;
  /** Valid while there are passthrough opens. */
  backingId = 0;
  /** Owners of fcntl locks, by the number that the kernel gave them. */
  lockOwners: Map<bigint, LockOwner> | undefined = undefined;

  constructor(id: number, generation: number, device: number, ino: InodeNumber, type: number) {
    this.id = id;
    this.generation = generation;
    this.device = device;
    this.ino = ino;
    this.type = type;
  }

  get opens(): number {
    return this.files?.size ?? 0;
  }
}
