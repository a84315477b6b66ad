import { closeSync, readSync, writeSync } from 'node:fs';
import { BLOCK } from './unsynced-file.js';

/** Blocks that are allocated together. */
const SLAB = 256;
/** Bytes beyond the memory that are kept in the file, which is made when they are first needed. */
export const MOST_FILED = 1024 * 1024 * 1024;

/** Bytes in memory, and in the file. */
export interface KeptBytes {
  readonly memory: number;
  readonly file: number;
}

/** Old blocks of files, by numbers: so many in memory, the rest in a file without a name. Its owner closes it. */
export class BlockStore {
  readonly #inMemory: number;
  readonly #inFile: number;
  readonly #openFile: () => number;
  readonly #slabs: Uint8Array[] = [];
  /** Numbers that were given back, of memory and of the file. */
  readonly #free: [number[], number[]] = [[], []];
  /** Numbers that were never given. */
  readonly #next: [number, number];
  readonly #used: [number, number] = [0, 0];
  readonly #mostUsed: [number, number] = [0, 0];
  #fd: number | undefined;

  /**
   * @param memory in bytes
   * @param openFile makes the file; returns a descriptor, which is then owned here, or `-errno`
   */
  constructor(memory: number, openFile: () => number) {
    this.#inMemory = Math.floor(memory / BLOCK);
    this.#inFile = MOST_FILED / BLOCK;
    this.#openFile = openFile;
    this.#next = [0, this.#inMemory];
  }

  /** Bytes that are kept now. */
  get bytes(): KeptBytes {
    return bytesOf(this.#used);
  }

  /** The most bytes that were ever kept, in each place. */
  get mostBytes(): KeptBytes {
    return bytesOf(this.#mostUsed);
  }

  /** Whether so many blocks can be added. */
  hasRoom(blocks: number): boolean {
    const [memory, file] = this.#used;
    const filed = blocks - (this.#inMemory - memory);
    return filed <= 0 || (this.#file >= 0 && filed <= this.#inFile - file);
  }

  /** Keeps a copy of a block. @returns its number @throws Error if there is no room, or the file cannot be written */
  add(bytes: Uint8Array): number {
    const where = this.#used[0] < this.#inMemory ? 0 : 1;
    if (where === 1 && (this.#file < 0 || this.#used[1] >= this.#inFile))
      throw new Error('no room for old data');
    const block = this.#free[where].pop() ?? this.#next[where]++;
    this.#used[where]++;
    this.#mostUsed[where] = Math.max(this.#mostUsed[where], this.#used[where]);
    try {
      this.write(block, bytes);
    } catch (error) {
      this.drop(block);
      throw error;
    }
    return block;
  }

  /** What is kept under a number. In memory it is the block itself: valid until the next change of it. */
  read(block: number): Uint8Array {
    if (block < this.#inMemory) return this.#slotOf(block);
    const bytes = new Uint8Array(BLOCK);
    if (readSync(this.#file, bytes, 0, BLOCK, this.#offsetOf(block)) < BLOCK)
      throw new Error('old data is gone');
    return bytes;
  }

  write(block: number, bytes: Uint8Array): void {
    if (block < this.#inMemory) this.#slotOf(block).set(bytes);
    else if (writeSync(this.#file, bytes, 0, BLOCK, this.#offsetOf(block)) < BLOCK) {
      throw new Error('old data cannot be written');
    }
  }

  drop(block: number): void {
    const where = block < this.#inMemory ? 0 : 1;
    this.#free[where].push(block);
    if (--this.#used[where] === 0) this.#forget(where);
  }

  close(): void {
    this.#forget(0);
    this.#forget(1);
  }

  /** Memory and disk space go back. */
  #forget(where: 0 | 1): void {
    this.#free[where] = [];
    this.#next[where] = where * this.#inMemory;
    if (where === 0) this.#slabs.splice(1);
    else if (this.#fd !== undefined && this.#fd >= 0) {
      closeSync(this.#fd);
      this.#fd = undefined;
    }
  }

  get #file(): number {
    this.#fd ??= this.#openFile();
    return this.#fd;
  }

  #slotOf(block: number): Uint8Array {
    const slab = Math.floor(block / SLAB);
    while (this.#slabs.length <= slab) this.#slabs.push(new Uint8Array(SLAB * BLOCK));
    const at = (block % SLAB) * BLOCK;
    return (this.#slabs[slab] as Uint8Array).subarray(at, at + BLOCK);
  }

  #offsetOf(block: number): number {
    return (block - this.#inMemory) * BLOCK;
  }
}

function bytesOf([memory, file]: readonly [number, number]): KeptBytes {
  return { memory: memory * BLOCK, file: file * BLOCK };
}
