import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Random, seededRandom } from '../random.js';
import { loseEntries, undoSteps } from './lose-entries.js';
import type { PowerLoss } from './power-loss.js';
import { type EntryChange, type EntryOperation, UnsyncedEntries } from './unsynced-entries.js';

const STREAMS = 2000;
const NAMES = ['a', 'b', 'c', 'd'];

/** A directory or file in memory. */
class Inode {
  readonly entries = new Map<string, Inode>();
  readonly label: string;
  readonly isDirectory: boolean;

  constructor(label: string, isDirectory: boolean) {
    this.label = label;
    this.isDirectory = isDirectory;
  }
}

/** What calls do to names, and what is to be tested. */
class ModelTree {
  readonly root = new Inode('/', true);
  readonly unsynced: UnsyncedEntries<Inode>;
  /** All calls from the beginning. */
  readonly calls: EntryChange<Inode>[][] = [];
  /** By directory and name, since the directory was last synced: what it has been, the durable one first. */
  versions = new Map<Inode, Map<string, (Inode | undefined)[]>>();
  #made = 0;

  constructor(metadata: PowerLoss['metadata']) {
    this.unsynced = new UnsyncedEntries(metadata);
  }

  /** Root and the directories right below it. */
  directories(): Inode[] {
    return [this.root, ...[...this.root.entries.values()].filter(({ isDirectory }) => isDirectory)];
  }

  step(random: Random): void {
    const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)] as T;
    const directory = pick(this.directories());
    const name = pick(NAMES);
    const inode = directory.entries.get(name);
    const kind = random();
    if (kind < 0.4) {
      const isDirectory = directory === this.root && random() < 0.4;
      if (!inode) this.#call('create', [[directory, name, new Inode(`${++this.#made}`, isDirectory)]]);
    } else if (kind < 0.55) {
      if (inode && inode.entries.size === 0) this.#call('remove', [[directory, name, undefined]]);
    } else if (kind < 0.85) {
      const to = pick(this.directories());
      const newName = pick(NAMES);
      const victim = to.entries.get(newName);
      if (!inode || inode === victim) return;
      if (inode.isDirectory && (to !== this.root || directory !== this.root)) return;
      if (victim && (victim.isDirectory || inode.isDirectory)) return;
      this.#call('rename', [
        [directory, name, undefined],
        [to, newName, inode],
      ]);
    } else if (kind < 0.93) {
      if (inode && !inode.isDirectory) this.unsynced.settleFile(inode);
    } else {
      this.unsynced.settleDirectory(directory);
      this.versions.delete(directory);
    }
  }

  #call(kind: EntryOperation['kind'], changed: readonly [Inode, string, Inode | undefined][]): void {
    const operation = { kind };
    const changes = changed.map(([directory, name, after]) => {
      const before = directory.entries.get(name);
      const names = this.versions.get(directory) ?? new Map();
      names.set(name, [...(names.get(name) ?? [before]), after]);
      this.versions.set(directory, names);
      return { operation, directory, name, before, after };
    });
    for (const { directory, name, after } of changes) put(directory, name, after);
    this.calls.push(changes);
    this.unsynced.add(changes);
  }
}

function put({ entries }: Inode, name: string, inode: Inode | undefined): void {
  if (inode) entries.set(name, inode);
  else entries.delete(name);
}

/** Takes back on the tree in memory what is lost. */
function undo(lost: readonly EntryChange<Inode>[]): void {
  for (const step of undoSteps(lost)) {
    const { directory, name } = step;
    if (step.kind === 'remove') assert.ok(directory.entries.delete(name), `there is no ${name} to remove`);
    else if (step.kind === 'restore') {
      assert.ok(!directory.entries.has(name), `${name} is there already`);
      directory.entries.set(name, step.inode);
    } else {
      const moved = directory.entries.get(name);
      assert.ok(moved, `there is no ${name} to move`);
      directory.entries.delete(name);
      assert.ok(!step.toDirectory.entries.has(step.toName));
      step.toDirectory.entries.set(step.toName, moved);
    }
  }
}

function shown({ entries }: Inode): object {
  return Object.fromEntries(
    [...entries]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, each]) => [name, each.isDirectory ? shown(each) : each.label]),
  );
}

test('in order: what is left is what the calls that are kept would have made', () => {
  for (let seed = 1; seed <= STREAMS; seed++) {
    const random = seededRandom(seed);
    const tree = new ModelTree('ordered');
    for (let left = Math.floor(random() * 25); left > 0; left--) tree.step(random);
    const lose = random() < 0.3 ? 'all' : 'random';
    const lost = loseEntries(tree.unsynced.changes, { lose, metadata: 'ordered' }, random);
    const gone = new Set(lost.map(({ operation }) => operation));
    undo(lost);
    const seen = shown(tree.root);
    // From the beginning, without what was lost.
    for (const inode of allOf(tree)) inode.entries.clear();
    for (const call of tree.calls) {
      if (call[0] && gone.has(call[0].operation)) continue;
      for (const { directory, name, before, after } of call) {
        assert.equal(directory.entries.get(name), before, `seed ${seed}: a call is kept without its cause`);
        put(directory, name, after);
      }
    }
    assert.deepEqual(seen, shown(tree.root), `seed ${seed}`);
  }
});

test('strictly: every name is what it was at some moment since its directory was synced', () => {
  for (let seed = 1; seed <= STREAMS; seed++) {
    const random = seededRandom(seed);
    const tree = new ModelTree('strict');
    for (let left = Math.floor(random() * 25); left > 0; left--) tree.step(random);
    const lose = random() < 0.3 ? 'all' : 'random';
    undo(loseEntries(tree.unsynced.changes, { lose, metadata: 'strict' }, random));
    for (const [directory, names] of tree.versions) {
      for (const [name, versions] of names) {
        const now = directory.entries.get(name);
        const allowed = lose === 'all' ? versions.slice(0, 1) : versions;
        assert.ok(allowed.includes(now), `seed ${seed}: ${name} is ${now?.label}`);
      }
    }
  }
});

test('fsync of a file keeps its names, and the directory that they are in', () => {
  const entries = new UnsyncedEntries<Inode>('ordered');
  const [root, directory, file, other] = [
    new Inode('/', true),
    new Inode('d', true),
    new Inode('f', false),
    new Inode('o', false),
  ];
  const made = (where: Inode, name: string, after: Inode) => ({
    operation: { kind: 'create' as const },
    directory: where,
    name,
    before: undefined,
    after,
  });
  entries.add([made(root, 'other', other)]);
  entries.add([made(root, 'directory', directory)]);
  entries.add([made(directory, 'file', file)]);
  entries.settleFile(file);
  assert.deepEqual(
    entries.changes.map(({ name }) => name),
    ['other'],
  );
});

function allOf({ root, calls }: ModelTree): Inode[] {
  return [root, ...calls.flat().flatMap(({ after }) => after ?? [])];
}
