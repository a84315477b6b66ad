import type { DamageMemory, ReadFile } from './damage-memory.js';

/** Bytes that a disk keeps or loses together. */
const BLOCK = 4096;
/** Blocks that are remembered: 64 MiB. */
const MOST_BLOCKS = 16_384;

/** Blocks of files as they were before they were last overwritten. */
export class StaleBlocks implements DamageMemory {
  readonly #files = new Map<string, Map<number, Uint8Array>>();
  #blocks = 0;

  overwriting(file: string, from: number, to: number, read: ReadFile): void {
    const blocks = this.#files.get(file) ?? new Map<number, Uint8Array>();
    for (let block = Math.floor(from / BLOCK); block * BLOCK < to; block++) {
      if (!blocks.has(block) && this.#blocks >= MOST_BLOCKS) break;
      const bytes = new Uint8Array(BLOCK);
      const length = read(block * BLOCK, bytes);
      // There is nothing older behind the end of the file.
      if (length === 0) break;
      if (!blocks.has(block)) this.#blocks++;
      blocks.set(block, bytes.subarray(0, length));
    }
    if (blocks.size > 0) this.#files.set(file, blocks);
  }

  /** What was behind the new end is not what its blocks will have been. */
  cutOff(file: string, size: number): void {
    const blocks = this.#files.get(file);
    for (const block of blocks?.keys() ?? []) {
      if (block * BLOCK < size) continue;
      blocks?.delete(block);
      this.#blocks--;
    }
  }

  /** Copies what was there before over the piece. */
  damage(file: string, place: number, piece: Uint8Array): number {
    let copied = 0;
    for (let done = 0; done < piece.length; ) {
      const within = (place + done) % BLOCK;
      const old = this.#files.get(file)?.get(Math.floor((place + done) / BLOCK));
      const bytes = old?.subarray(within, within + piece.length - done) ?? new Uint8Array();
      piece.set(bytes, done);
      copied += bytes.length;
      done += BLOCK - within;
    }
    return copied;
  }

  /** Each read is damaged anew. */
  show(): void {}
}
