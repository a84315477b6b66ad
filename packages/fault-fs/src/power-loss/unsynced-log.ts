import { call4, SYS } from '@ordeal/linux';
import { O } from '../backing/file-flags.js';
import type { Node } from '../nodes/node.js';
import { linkPath } from '../nodes/path.js';
import type { Volume } from '../volume.js';
import { BlockStore, type KeptBytes } from './block-store.js';
import { cutOff } from './crash-state.js';
import { HeldInode, keyOf } from './held-inode.js';
import { loseData } from './lose-data.js';
import type { AfterFailedSync, PowerLoss } from './power-loss.js';
import { type EntryChange, UnsyncedEntries } from './unsynced-entries.js';
import { BLOCK, type Range } from './unsynced-file.js';

/** What is kept: data and names, which are lost as the power loss says, or data alone. */
export type KeptUnsynced = PowerLoss['metadata'] | 'data';

/** Bytes of old data that are kept in memory, where a rule says nothing of it. */
export const DEFAULT_MEMORY = 128 * 1024 * 1024;
/** Most changes of names. */
const MOST_CHANGES = 20_000;
/** Most inodes that are kept open. */
const MOST_INODES = 4096;

/**
 * What a power failure could take away from a volume now. An undo log: the original tree always has the newest state, and
 * is whole if this process dies. Where the log becomes too large, all that it has counts as written back, as
 * a kernel may write it back at any time. Belongs to the serving thread.
 */
export class UnsyncedLog {
  readonly kept: KeptUnsynced;
  readonly entries: UnsyncedEntries<HeldInode>;
  readonly #volume: Volume;
  readonly #inodes = new Map<string, HeldInode>();
  readonly #blocks: BlockStore;
  #writtenBack = 0;

  /** @param memory for old data, in bytes; more of it is in a file without a name of the original tree */
  constructor(volume: Volume, kept: KeptUnsynced, memory = DEFAULT_MEMORY) {
    this.#volume = volume;
    this.#blocks = new BlockStore(memory, () => namelessFile(volume));
    this.kept = kept;
    this.entries = new UnsyncedEntries(kept === 'data' ? 'strict' : kept);
  }

  get keepsNames(): boolean {
    return this.kept !== 'data';
  }

  /** Bytes of old data that are kept now. */
  get bytes(): KeptBytes {
    return this.#blocks.bytes;
  }

  /** The most bytes of old data that were ever kept. */
  get mostBytes(): KeptBytes {
    return this.#blocks.mostBytes;
  }

  /** How often the log became too large, and everything counted as written back. */
  get writtenBack(): number {
    return this.#writtenBack;
  }

  /** Files with data that is not synced, and a name or the prospect of one. */
  get files(): HeldInode[] {
    const files = [...this.#inodes.values()].filter(
      (inode) => inode.file && !inode.file.isDurable && (inode.uses > 0 || inode.isNamed),
    );
    return files.sort((one, other) => (one.path < other.path ? -1 : 1));
  }

  /** To be called before bytes of a file change. @returns what to call once they have */
  changing(node: Node, rangeOf: (size: number) => Range): () => void {
    const inode = this.#inodeOf(node);
    const file = inode.watch(this.#blocks);
    const range = rangeOf(inode.size);
    const bytes = Math.min(range.to, file.durableSize) - range.from;
    const tooLarge = !this.#blocks.hasRoom(Math.ceil(bytes / BLOCK) + 1);
    if (!tooLarge) file.changing(range, inode.read);
    return () => {
      file.resized(inode.size);
      if (tooLarge || this.#inodes.size > MOST_INODES) this.writeBack();
    };
  }

  /** Bytes of a file were made durable as they were written. */
  settleRange(node: Node, range: Range): void {
    const inode = this.#inodes.get(keyOf(node));
    const { file } = inode ?? {};
    if (!inode || !file) return;
    file.settleRange({ from: range.from, to: Math.min(range.to, file.size) }, inode.read);
    this.#releaseIfIdle(inode);
  }

  /** A file, or the entries of a directory, were made durable. */
  settle(node: Node, directory: boolean): void {
    const inode = this.#inodes.get(keyOf(node));
    if (!inode) return;
    this.#settleData(inode);
    this.#release(directory ? this.entries.settleDirectory(inode) : this.entries.settleFile(inode));
    this.#releaseIfIdle(inode);
  }

  /**
   * A file could not be made durable, and its program has been told: as with ext4, XFS and Btrfs, its pages count as written
   * from here on. The size is durable.
   *
   * @throws Error of node:fs
   */
  syncFailed(node: Node, outcome: AfterFailedSync): void {
    const inode = this.#inodes.get(keyOf(node));
    const { file } = inode ?? {};
    if (!inode || !file) return;
    if (outcome === 'lose') {
      this.#volume.identity.resume();
      cutOff(inode, (write) =>
        loseData(file, { lose: 'all', metadata: 'ordered' }, () => 0, inode.read, write),
      );
      file.resized(inode.size);
      this.#settleData(inode);
    } else if (this.#blocks.hasRoom(Math.ceil((file.size - file.durableSize) / BLOCK) + 1)) {
      file.abandon(inode.read);
    } else this.writeBack();
    this.#releaseIfIdle(inode);
  }

  /** Everything was made durable. */
  settleAll(): void {
    for (const inode of this.#inodes.values()) this.#settleData(inode);
    this.#release(this.entries.settleAll());
    for (const inode of [...this.#inodes.values()]) this.#releaseIfIdle(inode);
  }

  /** All that is kept counts as durable: there is too much of it, or some of it cannot be kept. */
  writeBack(): void {
    this.#writtenBack++;
    for (const { file } of this.#inodes.values()) file?.takeUp();
    this.settleAll();
  }

  /** An inode for a change of names. @throws SyscallError */
  hold(node: Node): HeldInode {
    return this.#inodeOf(node);
  }

  /** Names have changed. */
  renamed(changes: readonly EntryChange<HeldInode>[]): void {
    const made = this.entries.annul(changes);
    if (made) {
      this.#forgetMade(made);
      return;
    }
    for (const inode of inodesOf(changes)) inode.uses++;
    this.entries.add(changes);
    if (this.entries.changes.length > MOST_CHANGES || this.#inodes.size > MOST_INODES) this.writeBack();
  }

  /** After a call that failed. */
  releaseUnused(): void {
    for (const inode of [...this.#inodes.values()]) this.#releaseIfIdle(inode);
  }

  close(): void {
    for (const inode of this.#inodes.values()) inode.close();
    this.#inodes.clear();
    this.#blocks.close();
  }

  #inodeOf(node: Node): HeldInode {
    const known = this.#inodes.get(keyOf(node));
    if (known) return known;
    const inode = new HeldInode(this.#volume, node, linkPath('', node.current));
    this.#inodes.set(inode.key, inode);
    return inode;
  }

  /** What was made and removed again was never on the disk; a link that was, leaves its file. */
  #forgetMade(made: EntryChange<HeldInode>): void {
    if (made.after && !made.after.isNamed) this.#settleData(made.after);
    this.#release([made]);
  }

  #settleData({ file }: HeldInode): void {
    file?.settle();
  }

  #release(changes: readonly EntryChange<HeldInode>[]): void {
    for (const inode of inodesOf(changes)) {
      inode.uses--;
      this.#releaseIfIdle(inode);
    }
  }

  #releaseIfIdle(inode: HeldInode): void {
    if (inode.file?.isDurable) inode.forget();
    if (inode.file || inode.uses > 0) return;
    inode.close();
    this.#inodes.delete(inode.key);
  }
}

/** @returns a descriptor or `-errno`: not every file system has files without a name, and a volume may be a single file */
function namelessFile({ identity, options, scratch }: Volume): number {
  identity.resume();
  const flags = O.TMPFILE | O.RDWR | O.CLOEXEC;
  return call4(SYS.openat, options.root, scratch.dot, flags, 0o600);
}

function* inodesOf(changes: readonly EntryChange<HeldInode>[]): Generator<HeldInode> {
  for (const { directory, before, after } of changes) {
    yield directory;
    if (before) yield before;
    if (after) yield after;
  }
}
