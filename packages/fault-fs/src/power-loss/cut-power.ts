import { seededRandom } from '../random.js';
import type { Volume } from '../volume.js';
import type { KeptBytes } from './block-store.js';
import { cutOff, takeBack } from './crash-state.js';
import type { HeldInode } from './held-inode.js';
import { loseData } from './lose-data.js';
import { loseEntries, undoSteps } from './lose-entries.js';
import type { PowerLoss } from './power-loss.js';
import type { EntryChange, EntryOperation } from './unsynced-entries.js';
import type { Range } from './unsynced-file.js';
import type { UnsyncedLog } from './unsynced-log.js';

/** Data and names of a volume that are not durable, or were lost. Paths begin at the root of the volume. */
export interface UnsyncedReport {
  readonly files: readonly {
    readonly path: string;
    readonly ranges: readonly Range[];
    /** In bytes: as the program left it, and as the disk has it. */
    readonly size: number;
    readonly durableSize: number;
  }[];
  readonly entries: readonly {
    readonly kind: 'create' | 'remove' | 'rename' | 'exchange';
    readonly path: string;
    /** The name before, of a rename. */
    readonly from?: string;
  }[];
  /** How often the log became too large, and all that was not synced counted as written back. */
  readonly writtenBack: number;
  /** Bytes of old data that the log has, or had before the cut. */
  readonly kept: KeptBytes;
  /** The most that it ever had. */
  readonly mostKept: KeptBytes;
}

/** What a cut has done. */
export interface PowerCut extends UnsyncedReport, PowerLoss {
  /** In words, what could not be brought into the state that was chosen. */
  readonly failed: readonly string[];
}

/** What a power failure could take away now. */
export function unsyncedOf(log: UnsyncedLog): UnsyncedReport {
  return {
    files: log.files.flatMap(({ path, file }) =>
      file ? [{ path, ranges: file.ranges(), size: file.size, durableSize: file.durableSize }] : [],
    ),
    entries: entriesOf(log.entries.changes),
    writtenBack: log.writtenBack,
    kept: log.bytes,
    mostKept: log.mostBytes,
  };
}

/**
 * Turns the original tree into one of the states that a power failure may leave, and begins a new log: nobody may use the
 * volume meanwhile. Names are those of the original tree afterwards.
 */
export function cutPower(log: UnsyncedLog, volume: Volume, choice: PowerLoss): PowerCut {
  volume.identity.resume();
  const random = seededRandom(choice.seed);
  const failed: string[] = [];
  const held = log.files;
  const files: UnsyncedReport['files'][number][] = [];
  // Data first: a file whose last name is gone is copied from its inode.
  for (const inode of held) {
    const { path, file, read } = inode;
    if (!file) continue;
    attempt(failed, () => {
      const { size } = file;
      const loss = cutOff(inode, (write) => loseData(file, choice, random, read, write));
      if (loss.lost.length > 0 || loss.size !== size)
        files.push({ path, ranges: loss.lost, size, durableSize: loss.size });
    });
  }
  const lost = loseEntries(log.entries.changes, choice, random);
  for (const step of undoSteps(lost)) attempt(failed, () => takeBack(step));
  const report = {
    files,
    entries: entriesOf(lost),
    writtenBack: log.writtenBack,
    kept: log.bytes,
    mostKept: log.mostBytes,
  };
  for (const inode of held) inode.file?.resized(inode.size);
  log.settleAll();
  return { ...choice, ...report, failed };
}

function attempt(failed: string[], action: () => void): void {
  try {
    action();
  } catch (error) {
    failed.push(error instanceof Error ? error.message : String(error));
  }
}

/** One for each call. */
function entriesOf(changes: readonly EntryChange<HeldInode>[]): UnsyncedReport['entries'] {
  const byCall = new Map<EntryOperation, EntryChange<HeldInode>[]>();
  for (const change of changes)
    byCall.set(change.operation, [...(byCall.get(change.operation) ?? []), change]);
  return [...byCall].map(([{ kind }, names]) => {
    const paths = names.map(({ directory, name }) => `${directory.path}/${Buffer.from(name, 'latin1')}`);
    const path = paths.at(-1) ?? '';
    return kind === 'rename' || kind === 'exchange'
      ? { kind, path, ...(paths.length > 1 && { from: paths[0] ?? '' }) }
      : { kind, path };
  });
}
