import type { Random } from '../random.js';
import type { PowerLoss } from './power-loss.js';
import type { EntryChange, EntryOperation, NamedInode } from './unsynced-entries.js';

/** What is to be done to take lost changes back, one after the other. */
export type UndoStep<I> =
  | { readonly kind: 'remove'; readonly directory: I; readonly name: string }
  | { readonly kind: 'restore'; readonly directory: I; readonly name: string; readonly inode: I }
  | {
      readonly kind: 'rename' | 'exchange';
      readonly directory: I;
      readonly name: string;
      readonly toDirectory: I;
      readonly toName: string;
    };

/** Chooses which changes of names are lost, in their order. Pure but for `random`. */
export function loseEntries<I extends NamedInode>(
  changes: readonly EntryChange<I>[],
  { lose, metadata }: Pick<PowerLoss, 'lose' | 'metadata'>,
  random: Random,
): EntryChange<I>[] {
  if (lose === 'none') return [];
  if (lose === 'all') return [...changes];
  if (metadata === 'ordered') return afterSomeCall(changes, random);
  const lost = new Set<EntryChange<I>>();
  for (const change of changes) if (random() < 0.5) lost.add(change);
  return withWhatFollows(changes, lost);
}

/** Steps that take changes back. @param lost in their order; of each name, the last ones. Pure */
export function undoSteps<I extends NamedInode>(lost: readonly EntryChange<I>[]): UndoStep<I>[] {
  const steps: UndoStep<I>[] = [];
  const done = new Set<EntryChange<I>>();
  for (const change of lost.toReversed()) {
    if (done.has(change)) continue;
    const { operation, directory, name, before, after } = change;
    const old = lost.find((each) => each.operation === operation && each !== change);
    if (old) {
      // Both names of a rename: the new one is at hand, since changes are taken back from the last to the first.
      done.add(old);
      const kind = operation.kind === 'exchange' ? 'exchange' : 'rename';
      steps.push({ kind, directory, name, toDirectory: old.directory, toName: old.name });
      if (kind === 'exchange') continue;
    } else if (after) steps.push({ kind: 'remove', directory, name });
    if (before) steps.push({ kind: 'restore', directory, name, inode: before });
  }
  return steps;
}

/** A journal keeps calls up to some moment. */
function afterSomeCall<I>(changes: readonly EntryChange<I>[], random: Random): EntryChange<I>[] {
  const calls = [...new Set(changes.map(({ operation }) => operation))];
  const lost = new Set<EntryOperation>(calls.slice(Math.floor(random() * (calls.length + 1))));
  return changes.filter(({ operation }) => lost.has(operation));
}

/**
 * A name has one of the states that it had; and a directory has one place, so that both names of its rename are lost
 * together.
 */
function withWhatFollows<I extends NamedInode>(
  changes: readonly EntryChange<I>[],
  lost: Set<EntryChange<I>>,
): EntryChange<I>[] {
  for (let before = -1; before !== lost.size; ) {
    before = lost.size;
    const names = new Map<I, Set<string>>();
    const calls = new Set<EntryOperation>();
    for (const change of changes) {
      const { directory, name, operation } = change;
      if (names.get(directory)?.has(name)) lost.add(change);
      if (!lost.has(change)) continue;
      names.set(directory, (names.get(directory) ?? new Set()).add(name));
      if (change.before?.isDirectory || change.after?.isDirectory) calls.add(operation);
    }
    for (const change of changes) if (calls.has(change.operation)) lost.add(change);
  }
  return changes.filter((change) => lost.has(change));
}
