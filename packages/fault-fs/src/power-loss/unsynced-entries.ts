import type { PowerLoss } from './power-loss.js';

/** One call that changed names. */
export interface EntryOperation {
  readonly kind: 'create' | 'remove' | 'rename' | 'exchange';
}

/** What one call did to one name of a directory. A rename changes two: the old name first. */
export interface EntryChange<I> {
  readonly operation: EntryOperation;
  readonly directory: I;
  readonly name: string;
  /** Undefined where there was nothing. */
  readonly before: I | undefined;
  readonly after: I | undefined;
}

/** An inode, as far as names are concerned. */
export interface NamedInode {
  readonly isDirectory: boolean;
}

/** Names that a power failure may take back, in the order of the calls. Pure: `I` stands for inodes, which are compared. */
export class UnsyncedEntries<I extends NamedInode> {
  readonly #metadata: PowerLoss['metadata'];
  #changes: EntryChange<I>[] = [];

  constructor(metadata: PowerLoss['metadata']) {
    this.#metadata = metadata;
  }

  get changes(): readonly EntryChange<I>[] {
    return this.#changes;
  }

  add(changes: readonly EntryChange<I>[]): void {
    this.#changes.push(...changes);
  }

  /**
   * Whether this removes what a call that is not durable has made, and nothing else speaks of: then that call is dropped.
   *
   * @returns the change that it was
   */
  annul([change]: readonly EntryChange<I>[]): EntryChange<I> | undefined {
    const { operation, directory, name, before: removed } = change ?? {};
    if (operation?.kind !== 'remove' || !removed) return undefined;
    const about = this.#changes.filter(
      ({ before, after, directory: where }) => before === removed || after === removed || where === removed,
    );
    const [made] = about;
    if (about.length !== 1 || made?.operation.kind !== 'create') return undefined;
    if (made.directory !== directory || made.name !== name) return undefined;
    this.#changes = this.#changes.filter((each) => each !== made);
    return made;
  }

  /** A file was made durable. @returns the changes that cannot be lost any more */
  settleFile(inode: I): EntryChange<I>[] {
    return this.#metadata === 'strict' ? [] : this.#settleWithNeeds(new Set([inode]), undefined);
  }

  /** The entries of a directory were made durable. @returns as {@link settleFile} */
  settleDirectory(directory: I): EntryChange<I>[] {
    if (this.#metadata === 'ordered') return this.#settleWithNeeds(new Set([directory]), directory);
    return this.#settle((change) => change.directory === directory);
  }

  /** Everything was made durable. @returns as {@link settleFile} */
  settleAll(): EntryChange<I>[] {
    return this.#settle(() => true);
  }

  /** The journal keeps the calls about these inodes, and those before them that they build upon. */
  #settleWithNeeds(inodes: Set<I>, directory: I | undefined): EntryChange<I>[] {
    const names = new Map<I, Set<string>>();
    const settled = new Set<EntryOperation>();
    for (const change of this.#changes.toReversed()) {
      const { operation, before, after, name } = change;
      const needed =
        change.directory === directory ||
        (before && inodes.has(before)) ||
        (after && inodes.has(after)) ||
        names.get(change.directory)?.has(name) === true;
      if (!needed || settled.has(operation)) continue;
      settled.add(operation);
      for (const each of this.#changes) {
        if (each.operation !== operation) continue;
        inodes.add(each.directory);
        if (each.after) inodes.add(each.after);
        if (each.before) inodes.add(each.before);
        const known = names.get(each.directory) ?? new Set();
        names.set(each.directory, known.add(each.name));
      }
    }
    return this.#settle(({ operation }) => settled.has(operation));
  }

  #settle(isSettled: (change: EntryChange<I>) => boolean): EntryChange<I>[] {
    const settled = this.#changes.filter(isSettled);
    this.#changes = this.#changes.filter((change) => !isSettled(change));
    return settled;
  }
}
