import { call1, call3, call5, ERRNO, LITTLE_ENDIAN, SYS } from '@ordeal/linux';
import type { Node } from '../nodes/node.js';
import { AT, O, S } from './file-flags.js';
import { HANDLE_SIZE, type Scratch } from './scratch.js';

/** Descriptors left for what a request, and the rest of the process, open briefly. */
const RESERVE = 64;
/**
 * How many are closed at a time when they run short: the next ones then get low numbers, which say nothing about the
 * shortage.
 */
const BATCH = 16;

/**
 * The O_PATH descriptors by which nodes are reached. At most `limit` are held, and fewer if descriptors run short:
 * the least recently used are closed, and opened again when needed. A clock algorithm, not a list: a use costs one
 * assignment.
 *
 * A node that is open needs none, since its open files can be used. Others need a file system that finds its files by
 * handle (name_to_handle_at(2), CAP_DAC_READ_SEARCH).
 */
export class PathDescriptors {
  readonly #scratch: Scratch;
  readonly #limit: number;
  /** Descriptors from this number on show that they run short: the kernel uses the lowest free number. */
  readonly #ceiling: number;
  /** A descriptor of the file system on which handles are resolved; O_PATH will not do. */
  readonly #mount: number;
  readonly #device: number;
  readonly #ring: Node[] = [];
  /** The scratch memory, for text. */
  readonly #buffer: Buffer;
  #hand = 0;
  #request = 0;

  /**
   * @param mount open for reading, on the file system `device`; the caller owns it
   * @param most how many descriptors of all kinds the process may have
   */
  constructor(scratch: Scratch, mount: number, device: number, limit: number, most: number) {
    this.#scratch = scratch;
    this.#buffer = Buffer.from(scratch.bytes.buffer, scratch.bytes.byteOffset, scratch.bytes.byteLength);
    this.#mount = mount;
    this.#device = device;
    this.#limit = limit;
    this.#ceiling = most - RESERVE;
  }

  get held(): number {
    return this.#ring.length;
  }

  /** A request begins: the descriptors that it uses from here on stay until the next one. */
  begin(): void {
    this.#request++;
  }

  /** Gives `node` its descriptor. */
  adopt(node: Node, fd: number): void {
    node.fd = fd;
    node.recent = true;
    node.usedBy = this.#request;
    if (this.#ring.length >= this.#limit) this.#evict();
    this.opened(fd);
    node.slot = this.#ring.length;
    this.#ring.push(node);
  }

  /** A descriptor of another kind was opened: closes one if they run short. */
  opened(fd: number): void {
    if (fd < this.#ceiling) return;
    for (let count = 0; count < BATCH; count++) this.#evict();
  }

  /**
   * A descriptor for this request: the node's own, or that of an open file.
   *
   * @returns `-errno` if there is none: ESTALE if the file is gone
   */
  of(node: Node): number {
    node.recent = true;
    node.usedBy = this.#request;
    if (node.fd >= 0) return node.fd;
    for (const { fd } of node.files ?? []) return fd;
    return this.#reopen(node);
  }

  /** Whether a descriptor is open for the node, so that its inode cannot become another file's. */
  holds(node: Node): boolean {
    return node.fd >= 0 || node.opens > 0;
  }

  /** Opens `node` if need be, and keeps it open from now on: it is about to lose its last name. */
  pin(node: Node): void {
    node.pinned = this.of(node) >= 0;
  }

  /** Whether the entry `name` (an address) of directory `fd` is still the `node` whose descriptor was closed. */
  isSame(node: Node, fd: number, name: number): boolean {
    const handle = node.handle;
    if (!handle) return false;
    return this.#handleOf(fd, name, 0) === handle;
  }

  /** Whether the descriptor refers to the `node` whose descriptor was closed. */
  isSameDescriptor(node: Node, fd: number): boolean {
    const handle = node.handle;
    if (!handle) return false;
    return this.#handleOf(fd, this.#scratch.empty, AT.EMPTY_PATH) === handle;
  }

  /** Closes what the node holds. */
  drop(node: Node): void {
    if (node.fd < 0) return;
    call1(SYS.close, node.fd);
    node.fd = -1;
    this.#remove(node);
  }

  close(): void {
    for (const node of this.#ring.splice(0)) {
      call1(SYS.close, node.fd);
      node.fd = -1;
    }
  }

  #reopen(node: Node): number {
    const handle = node.handle;
    if (!handle) return -ERRNO.ESTALE;
    this.#buffer.write(handle, this.#scratch.handleAt, 'latin1');
    const fd = call3(
      SYS.open_by_handle_at,
      this.#mount,
      this.#scratch.handle,
      O.PATH | O.NOFOLLOW | O.CLOEXEC,
    );
    if (fd >= 0) this.adopt(node, fd);
    return fd;
  }

  /** Closes one descriptor, if one round of the clock finds any that can be closed. */
  #evict(): void {
    for (let count = this.#ring.length * 2; count > 0; count--) {
      if (this.#hand >= this.#ring.length) this.#hand = 0;
      const node = this.#ring[this.#hand];
      if (!node) return;
      if (node.recent || !this.#giveUp(node)) {
        node.recent = false;
        this.#hand++;
        continue;
      }
      this.#remove(node);
      return;
    }
  }

  #giveUp(node: Node): boolean {
    if (node.usedBy === this.#request) return false;
    if (node.opens === 0 && !this.#canFindAgain(node)) return false;
    call1(SYS.close, node.fd);
    node.fd = -1;
    return true;
  }

  #canFindAgain(node: Node): boolean {
    if (node.pinned || node.device !== this.#device) return false;
    const scratch = this.#scratch;
    // STATX_NLINK 4, stx_nlink at 16: a file without a name may not be found by its handle.
    const failed = call5(SYS.statx, node.fd, scratch.empty, AT.EMPTY_PATH, 4, scratch.ownStatx) < 0;
    if (failed || scratch.view.getUint32(scratch.ownStatxAt + 16, LITTLE_ENDIAN) === 0) return false;
    node.handle ??= this.#handleOf(node.fd, scratch.empty, AT.EMPTY_PATH);
    node.pinned = !node.handle || node.type === S.IFSOCK;
    return !node.pinned;
  }

  #handleOf(fd: number, name: number, flags: number): string | undefined {
    const { view, handleAt, handle, mountId } = this.#scratch;
    view.setUint32(handleAt, HANDLE_SIZE - 8, LITTLE_ENDIAN);
    if (call5(SYS.name_to_handle_at, fd, name, handle, mountId, flags) < 0) return undefined;
    return this.#buffer.toString('latin1', handleAt, handleAt + 8 + view.getUint32(handleAt, LITTLE_ENDIAN));
  }

  #remove(node: Node): void {
    const last = this.#ring.pop();
    if (last && last !== node) {
      this.#ring[node.slot] = last;
      last.slot = node.slot;
    }
    node.slot = -1;
  }
}
