import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { call1, SYS, SyscallError } from '@ordeal/linux';
import { O, S } from '../backing/file-flags.js';
import type { Node } from '../nodes/node.js';
import type { Volume } from '../volume.js';
import type { NamedInode } from './unsynced-entries.js';
import { type ReadNow, UnsyncedFile } from './unsynced-file.js';

/** An inode of the original tree that is kept open, so that it is there when its last name has gone. */
export class HeldInode implements NamedInode {
  readonly key: string;
  /** S_IFMT bits of its mode. */
  readonly type: number;
  /** For people: the last name that it was seen by, from the root of the volume. */
  path: string;
  /** How many changes of names speak of it. */
  uses = 0;
  /** What was not synced of its data. */
  file: UnsyncedFile | undefined;
  #fd: number;
  #reader = -1;

  /** @throws SyscallError */
  constructor(volume: Volume, node: Node, path: string) {
    this.key = keyOf(node);
    this.type = node.type;
    this.path = path;
    this.#fd = openPath(volume, node);
  }

  get isDirectory(): boolean {
    return this.type === S.IFDIR;
  }

  /** O_PATH. */
  get fd(): number {
    return this.#fd;
  }

  /** Its way in this process: leads to the inode whatever has become of its names. */
  get way(): string {
    return `/proc/self/fd/${this.#fd}`;
  }

  /** Begins to watch its data; the caller has the privileges to read it. @throws Error of node:fs */
  watch(): UnsyncedFile {
    if (this.file) return this.file;
    this.#reader = openSync(this.way, constants.O_RDONLY | constants.O_NONBLOCK);
    this.file = new UnsyncedFile(this.size);
    return this.file;
  }

  /** Bytes of the file that is watched, as it is now. */
  get size(): number {
    return fstatSync(this.#reader).size;
  }

  readonly read: ReadNow = (offset, bytes) => {
    let done = 0;
    for (let count = 1; count > 0 && done < bytes.length; done += count) {
      count = readSync(this.#reader, bytes, done, bytes.length - done, offset + done);
    }
    bytes.fill(0, done);
  };

  get isNamed(): boolean {
    return fstatSync(this.#fd).nlink > 0;
  }

  /** Stops watching its data. */
  forget(): void {
    this.file = undefined;
    if (this.#reader >= 0) closeSync(this.#reader);
    this.#reader = -1;
  }

  /** It has been made anew as another inode. @param fd O_PATH, owned from here on */
  become(fd: number): void {
    call1(SYS.close, this.#fd);
    this.#fd = fd;
  }

  close(): void {
    this.forget();
    if (this.#fd >= 0) call1(SYS.close, this.#fd);
    this.#fd = -1;
  }
}

export function keyOf({ device, ino }: Node): string {
  return `${device}:${ino}`;
}

/** Not a copy of an open file's descriptor, which would keep its locks. Symbolic links are never open. */
function openPath(volume: Volume, node: Node): number {
  volume.identity.resume();
  const path = node.type === S.IFLNK;
  const fd = path ? call1(SYS.dup, volume.descriptors.of(node)) : volume.reopen(node, O.PATH);
  if (fd < 0) throw new SyscallError('open(O_PATH)', -fd);
  return fd;
}
