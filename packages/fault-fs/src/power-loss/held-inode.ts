import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { STATX } from '@ordeal/fuse';
import { call1, call4, SYS, SyscallError } from '@ordeal/linux';
import { O, S } from '../backing/file-flags.js';
import { DIRENTS_SIZE } from '../backing/scratch.js';
import type { Node } from '../nodes/node.js';
import type { Volume } from '../volume.js';
import type { NamedInode } from './unsynced-entries.js';
import { type KeptBlocks, type ReadNow, UnsyncedFile } from './unsynced-file.js';

/** include/uapi/linux/stat.h */
const STATX_SIZE = 0x200;

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
  readonly #volume: Volume;
  #fd: number;
  #reader = -1;

  /** @throws SyscallError */
  constructor(volume: Volume, node: Node, path: string) {
    this.key = keyOf(node);
    this.#volume = volume;
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

  /** Begins to watch its data. @throws Error of node:fs */
  watch(kept: KeptBlocks): UnsyncedFile {
    if (this.file) return this.file;
    this.#volume.identity.resume();
    this.#reader = openSync(this.way, constants.O_RDONLY | constants.O_NONBLOCK);
    this.file = new UnsyncedFile(this.size, kept);
    return this.file;
  }

  /** In bytes, of the file that is watched, as it is now. @throws SyscallError */
  get size(): number {
    const { scratch } = this.#volume;
    const failed = this.#volume.statxFd(this.#reader, STATX_SIZE);
    if (failed < 0) throw new SyscallError('statx', -failed);
    return scratch.u64(scratch.statxAt + STATX.size);
  }

  /** The file that is watched, as it is now. @throws SyscallError */
  readonly read: ReadNow = (offset, bytes) => {
    const { scratch } = this.#volume;
    let done = 0;
    for (let count = 1; count > 0 && done < bytes.length; done += count) {
      const most = Math.min(bytes.length - done, DIRENTS_SIZE);
      count = call4(SYS.pread64, this.#reader, scratch.dirents, most, offset + done);
      if (count < 0) throw new SyscallError('pread', -count);
      bytes.set(scratch.bytes.subarray(scratch.direntsAt, scratch.direntsAt + count), done);
    }
    bytes.fill(0, done);
  };

  get isNamed(): boolean {
    return fstatSync(this.#fd).nlink > 0;
  }

  /** Stops watching its data. */
  forget(): void {
    this.file?.forget();
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
