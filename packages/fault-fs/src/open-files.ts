import { FOPEN } from '@ordeal/fuse';
import { call1, SYS } from '@ordeal/linux';
import { O } from './backing/file-flags.js';
import type { Link, Node } from './nodes/node.js';

/** An open file or directory: one for each open file description of a client. */
export interface OpenFile {
  readonly node: Node;
  /** The name by which it was opened; `undefined` for the root. It follows renames. */
  readonly link: Link | undefined;
  readonly fd: number;
  /** Flags of open(2) as the backing descriptor has them now. */
  flags: number;
  /** How it was opened, as reported to the kernel: bits of {@link FOPEN}. */
  readonly opening: number;
  /** Directories: the offset at which the backing descriptor stands, as two halves in one number, or a bigint. */
  position: number | bigint;
  /** A flock(2) lock may be held. */
  flocked: boolean;
}

/** Open files by the handle that the kernel was given. */
export class OpenFiles {
  /** How many there may be. */
  readonly #limit: number;
  readonly #files: (OpenFile | undefined)[] = [];
  readonly #free: number[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether no further file may be opened: to be asked before anything is done for it. */
  get full(): boolean {
    return this.size >= this.#limit;
  }

  get(handle: number): OpenFile | undefined {
    return this.#files[handle];
  }

  /** All of them. */
  *all(): Generator<OpenFile> {
    for (const file of this.#files) if (file) yield file;
  }

  get size(): number {
    return this.#files.length - this.#free.length;
  }

  /** @returns the handle */
  add(file: OpenFile): number {
    const handle = this.#free.pop() ?? this.#files.length;
    this.#files[handle] = file;
    file.node.files ??= new Set();
    file.node.files.add(file);
    count(file, 1);
    return handle;
  }

  /** Takes the file out and closes its descriptor. */
  remove(handle: number): OpenFile | undefined {
    const file = this.#files[handle];
    if (!file) return undefined;
    this.#files[handle] = undefined;
    this.#free.push(handle);
    file.node.files?.delete(file);
    if (file.node.files?.size === 0) file.node.files = undefined;
    count(file, -1);
    call1(SYS.close, file.fd);
    return file;
  }

  close(): void {
    for (let handle = 0; handle < this.#files.length; handle++) this.remove(handle);
  }
}

function count({ node, flags, opening }: OpenFile, change: 1 | -1): void {
  if ((opening & FOPEN.PASSTHROUGH) !== 0) node.passthroughOpens += change;
  if ((flags & O.ACCMODE) === O.RDWR) node.readWriteOpens += change;
}
