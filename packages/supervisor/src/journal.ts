import { mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { OrdealError } from '@ordeal/diagnostics';
import {
  bootId,
  type Fd,
  lockFile,
  lockHolder,
  removeAbandonedDrafts,
  removeDurably,
  writeDurably,
} from '@ordeal/linux';

const FORMAT = 1;
const SUFFIX = '.json';

/** How a journal's entries are identified and validated. */
export interface EntryRules<Entry> {
  idOf(entry: Entry): string;
  /** Whether what was read is an entry of this program. */
  isWhole(read: DeepPartial<Entry>): boolean;
}

/** What was parsed: any field may be missing. */
export type DeepPartial<T> = T extends object ? { readonly [K in keyof T]?: DeepPartial<T[K]> } : T;

interface Header {
  readonly format: number;
  readonly boot: string;
}

/**
 * What should be held, one file for each entry, on the disk before anything is done about it. Belongs to one process at
 * a time, which has its lock.
 */
export class Journal<Entry extends object> {
  readonly #directory: string;
  readonly #rules: EntryRules<Entry>;
  readonly #lock: Fd;
  readonly #boot = bootId();
  /** Files that could not be read, and their new paths. */
  readonly setAside: string[] = [];

  /** @throws OrdealError ORD-851 if another process has it, ORD-852 if the directory cannot be written */
  constructor(directory: string, rules: EntryRules<Entry>) {
    this.#directory = directory;
    this.#rules = rules;
    const path = join(directory, 'lock');
    const lock = orUnwritable(() => {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      return lockFile(path);
    });
    if (lock === undefined) {
      throw new OrdealError(
        'ORD-851',
        `Process ${lockHolder(path) ?? '?'} holds the injections of ${directory}`,
      );
    }
    this.#lock = lock;
  }

  /**
   * The entries of this boot; those of earlier boots are removed, since their targets are gone. Unreadable files are
   * set aside, under a name in {@link setAside}, and never removed.
   */
  read(): Entry[] {
    const names = readdirSync(this.#directory);
    removeAbandonedDrafts(this.#directory, names);
    return names
      .filter((name) => name.endsWith(SUFFIX))
      .flatMap((name) => {
        const path = join(this.#directory, name);
        const file = parse(path, this.#rules);
        if (file === undefined) {
          this.#putAside(path);
          return [];
        }
        const { format: _, boot, ...entry } = file;
        if (boot === this.#boot) return [entry as unknown as Entry];
        removeDurably(path);
        return [];
      });
  }

  /** @throws OrdealError ORD-852 */
  write(entry: Entry): void {
    const file: Entry & Header = { format: FORMAT, boot: this.#boot, ...entry };
    orUnwritable(() => writeDurably(this.#pathOf(this.#rules.idOf(entry)), JSON.stringify(file)));
  }

  /** @throws OrdealError ORD-852 */
  remove(id: string): void {
    orUnwritable(() => removeDurably(this.#pathOf(id)));
  }

  /** Sets aside an entry that this program does not understand. @throws OrdealError ORD-852 */
  putAside(id: string): void {
    this.#putAside(this.#pathOf(id));
  }

  /** Releases the lock. */
  close(): void {
    this.#lock.close();
  }

  #putAside(path: string): void {
    const aside = `${path}.unreadable-${Date.now()}`;
    orUnwritable(() => renameSync(path, aside));
    this.setAside.push(aside);
  }

  #pathOf(id: string): string {
    return join(this.#directory, `${encodeURIComponent(id)}${SUFFIX}`);
  }
}

function orUnwritable<T>(action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (cause instanceof OrdealError) throw cause;
    throw new OrdealError('ORD-852', `The journal cannot be written: ${(cause as Error).message}`, { cause });
  }
}

/** Undefined if it is not an entry of this format. */
function parse<Entry>(path: string, { isWhole }: EntryRules<Entry>): (Entry & Header) | undefined {
  try {
    const file = JSON.parse(readFileSync(path, 'utf8')) as DeepPartial<Entry> & Partial<Header>;
    const whole = file.format === FORMAT && typeof file.boot === 'string' && isWhole(file);
    return whole ? (file as unknown as Entry & Header) : undefined;
  } catch {
    return undefined;
  }
}
