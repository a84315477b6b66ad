import { dirname } from 'node:path';
import type { Verdict } from './file-history.js';

/** What a name was: the number of a file, or nothing. */
type Named = number | undefined;

/** What the names of a tree were since they were made durable. A path is `directory/name`. */
export class NameHistory {
  /** For each name since its directory was synced. */
  readonly #names = new Map<string, Named[]>();
  /** For each file since it was synced, all its names as one text. */
  readonly #namesOf = new Map<number, string[]>();
  /** All names, until something is synced. */
  #trees: string[] | undefined = [''];

  /** Names that exist now. */
  get paths(): string[] {
    return [...this.#names].flatMap(([path, history]) => (history.at(-1) === undefined ? [] : [path]));
  }

  at(path: string): Named {
    return this.#names.get(path)?.at(-1);
  }

  /** One call. */
  change(names: readonly (readonly [path: string, file: Named])[]): void {
    const files = new Set<Named>();
    for (const [path, file] of names) {
      const history = this.#names.get(path) ?? [undefined];
      files.add(history.at(-1)).add(file);
      this.#names.set(path, [...history, file]);
    }
    for (const file of files) {
      if (file !== undefined)
        this.#namesOf.set(file, [...(this.#namesOf.get(file) ?? ['']), this.#textOf(file)]);
    }
    this.#trees?.push(this.#text(this.paths));
  }

  syncFile(file: number): void {
    this.#namesOf.set(file, [this.#textOf(file)]);
    this.#trees = undefined;
  }

  syncDirectory(directory: string): void {
    for (const [path, history] of this.#names) {
      if (dirname(path) === directory) this.#names.set(path, history.slice(-1));
    }
    this.#trees = undefined;
  }

  /**
   * @param found files by their paths
   * @param ordered whether names change in the order of the calls, and a file that is synced keeps its names
   */
  verdict(found: ReadonlyMap<string, number>, ordered: boolean): Verdict {
    if ([...found.keys()].some((path) => !this.#names.has(path))) return 'impossible';
    for (const [path, history] of this.#names) if (!history.includes(found.get(path))) return 'impossible';
    if (!ordered) return 'possible';
    for (const [file, history] of this.#namesOf) {
      const names = [...found].flatMap(([path, id]) => (id === file ? [path] : []));
      if (!history.includes(names.sort().join())) return 'impossible';
    }
    const tree = [...found].map(([path, file]) => `${path}=${file}`);
    return this.#trees && !this.#trees.includes(tree.sort().join()) ? 'impossible' : 'possible';
  }

  /** Whether a file has a name that it was given and lost again since the last sync, and that it had only then. */
  hasPassing(found: ReadonlyMap<string, number>): boolean {
    return [...found].some(([path, file]) => {
      const history = this.#names.get(path) ?? [];
      return history[0] !== file && history.at(-1) !== file;
    });
  }

  #textOf(file: number): string {
    return this.paths
      .filter((path) => this.at(path) === file)
      .sort()
      .join();
  }

  #text(paths: readonly string[]): string {
    return paths
      .map((path) => `${path}=${this.at(path)}`)
      .sort()
      .join();
  }
}
