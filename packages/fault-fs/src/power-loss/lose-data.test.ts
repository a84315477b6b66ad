import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Random, seededRandom } from '../random.js';
import { BlockStore } from './block-store.js';
import { type FileLoss, loseData } from './lose-data.js';
import { BLOCK, SECTOR, UnsyncedFile } from './unsynced-file.js';

const STREAMS = 2000;
const LONGEST = 9_000;

/** A file in memory, what the disk has of it by the plainest possible account, and what is to be tested. */
class ModelFile {
  now: Uint8Array<ArrayBufferLike>;
  disk: Uint8Array<ArrayBufferLike>;
  /** Since the last time that all was durable. */
  sizes: number[];
  /** Blocks that were touched since then, and those of them that a failed sync has given up. */
  readonly #touched = new Set<number>();
  #abandoned = new Set<number>();
  readonly unsynced: UnsyncedFile;

  constructor(bytes: Uint8Array) {
    this.now = bytes;
    this.disk = bytes.slice();
    this.sizes = [bytes.length];
    this.unsynced = new UnsyncedFile(bytes.length, new BlockStore(2 ** 20, () => -1));
  }

  readonly read = (offset: number, bytes: Uint8Array) => {
    bytes.fill(0);
    bytes.set(this.now.subarray(offset, offset + bytes.length));
  };

  write(from: number, bytes: Uint8Array, durably: boolean): void {
    const to = from + bytes.length;
    this.unsynced.changing({ from, to }, this.read);
    this.#touch(from, to);
    const longer = new Uint8Array(Math.max(this.now.length, to));
    longer.set(this.now);
    longer.set(bytes, from);
    this.#become(longer);
    if (!durably) return;
    this.unsynced.settleRange({ from, to }, this.read);
    if (Math.min(...this.sizes) < this.disk.length) {
      this.#synced();
      return;
    }
    const disk = new Uint8Array(Math.max(this.disk.length, to));
    disk.set(this.disk);
    disk.set(bytes, from);
    this.disk = disk;
    this.sizes = this.sizes.map((size) => Math.max(size, this.disk.length));
  }

  truncate(size: number): void {
    if (size < this.now.length) {
      this.unsynced.changing({ from: size, to: this.now.length }, this.read);
      this.#touch(size, this.now.length);
    }
    const other = new Uint8Array(size);
    other.set(this.now.subarray(0, size));
    this.#become(other);
  }

  sync(): void {
    this.unsynced.settle();
    this.#synced();
  }

  failToSync(): void {
    this.unsynced.abandon(this.read);
    this.#abandoned = new Set(this.#touched);
    this.#writeBack(() => false);
  }

  #touch(from: number, to: number): void {
    for (let block = Math.floor(from / BLOCK); block * BLOCK < to; block++) {
      this.#touched.add(block);
      this.#abandoned.delete(block);
    }
  }

  #become(bytes: Uint8Array): void {
    this.now = bytes;
    this.sizes.push(bytes.length);
    this.unsynced.resized(bytes.length);
  }

  #synced(): void {
    this.#writeBack((block) => !this.#abandoned.has(block));
    for (const block of this.#touched) if (!this.#abandoned.has(block)) this.#touched.delete(block);
  }

  /** The disk gets the size, and these blocks. */
  #writeBack(isWritten: (block: number) => boolean): void {
    this.disk = Uint8Array.from(this.now, (byte, at) =>
      isWritten(Math.floor(at / BLOCK)) ? byte : (this.disk[at] ?? 0),
    );
    this.sizes = [this.now.length];
  }
}

test('what was synced is there after a cut; what was not is old, new, or torn at sectors', () => {
  for (let seed = 1; seed <= STREAMS; seed++) {
    const random = seededRandom(seed);
    const file = new ModelFile(randomBytes(random, below(random, LONGEST)));
    for (let left = below(random, 12); left > 0; left--) step(file, random);
    const metadata = random() < 0.5 ? 'ordered' : 'strict';
    for (const lose of ['all', 'none', 'random'] as const) {
      const pieces: Piece[] = [];
      const write = (offset: number, bytes: Uint8Array) => void pieces.push({ offset, bytes: bytes.slice() });
      const loss = loseData(file.unsynced, { lose, metadata }, random, file.read, write);
      const after = apply(file, pieces, loss);
      const where = `seed ${seed}, ${lose}, ${metadata}`;
      if (lose === 'all') assert.deepEqual(after, file.disk, where);
      else if (lose === 'none') assert.deepEqual(after, file.now, where);
      else assertSectors(file, after, where);
      if (file.unsynced.isDurable) assert.deepEqual(after, file.now, where);
    }
  }
});

function step(file: ModelFile, random: Random): void {
  const kind = random();
  if (kind < 0.6)
    file.write(below(random, LONGEST), randomBytes(random, 1 + below(random, 3000)), random() < 0.2);
  else if (kind < 0.75) file.truncate(below(random, LONGEST));
  else if (kind < 0.85) file.failToSync();
  else file.sync();
}

interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

function apply({ now }: ModelFile, pieces: readonly Piece[], { size }: FileLoss): Uint8Array {
  const longest = Math.max(now.length, size, ...pieces.map(({ offset, bytes }) => offset + bytes.length));
  const after = new Uint8Array(longest);
  after.set(now);
  for (const { offset, bytes } of pieces) after.set(bytes, offset);
  return after.slice(0, size);
}

function assertSectors({ now, disk, sizes }: ModelFile, after: Uint8Array, where: string): void {
  const aligned = after.length % SECTOR === 0;
  const between = aligned && after.length > Math.min(...sizes) && after.length < now.length;
  assert.ok(sizes.includes(after.length) || between, `${where}: ${after.length} of ${sizes}`);
  for (let at = 0; at < after.length; at += SECTOR) {
    const end = Math.min(at + SECTOR, after.length);
    const seen = after.subarray(at, end);
    const fits = [now, disk].some((each) => Buffer.compare(padded(each, at, end), seen) === 0);
    assert.ok(fits, `${where}: the sector at ${at} is neither old nor new`);
  }
}

function padded(bytes: Uint8Array, from: number, to: number): Uint8Array {
  const sector = new Uint8Array(to - from);
  sector.set(bytes.subarray(from, to));
  return sector;
}

function randomBytes(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => 1 + below(random, 255));
}

function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}
