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
import type { DesiredInjection } from './desired-injection.js';
import type { Counts } from './engine.js';

const FORMAT = 1;
const SUFFIX = '.json';

/** Why an injection is over. */
export type EndReason = 'deadline' | 'target ended' | 'kernel log';

/** What is known of one injection when everybody who held it is dead. */
export interface JournalEntry {
  readonly desired: DesiredInjection;
  /** When it was first asked for, milliseconds since 1970. */
  readonly since: number;
  /** What injections before the present one have counted. */
  readonly counted: Counts;
  /** It is over, and kept until it is removed. */
  readonly ended?: { readonly reason: EndReason; readonly at: number };
}

interface JournalFile extends JournalEntry {
  readonly format: number;
  readonly boot: string;
}

/**
 * The injections that should be held, one file each, on the disk before anything is done about them. Belongs to one
 * process at a time, which has its lock.
 */
export class Journal {
  readonly #directory: string;
  readonly #lock: Fd;
  readonly #boot = bootId();
  /** Files that could not be read, and where they are now. */
  readonly setAside: string[] = [];

  /** @throws OrdealError ORD-851 where another process has it, ORD-852 where the directory cannot be written */
  constructor(directory: string) {
    this.#directory = directory;
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
   * The entries of this boot; those of earlier boots are removed, since what they name is gone. What cannot be read is set
   * aside, under a name in {@link setAside}, and never removed.
   */
  read(): JournalEntry[] {
    const names = readdirSync(this.#directory);
    removeAbandonedDrafts(this.#directory, names);
    return names
      .filter((name) => name.endsWith(SUFFIX))
      .flatMap((name) => {
        const path = join(this.#directory, name);
        const file = parse(path);
        if (file === undefined) {
          this.#putAside(path);
          return [];
        }
        if (file.boot === this.#boot) return [file];
        removeDurably(path);
        return [];
      });
  }

  /** @throws OrdealError ORD-852 */
  write(entry: JournalEntry): void {
    const file: JournalFile = { format: FORMAT, boot: this.#boot, ...entry };
    orUnwritable(() => writeDurably(this.#pathOf(entry.desired.id), JSON.stringify(file)));
  }

  /** @throws OrdealError ORD-852 */
  remove(id: string): void {
    orUnwritable(() => removeDurably(this.#pathOf(id)));
  }

  /** For an entry that means nothing to this program: as one that cannot be read. @throws OrdealError ORD-852 */
  putAside(id: string): void {
    this.#putAside(this.#pathOf(id));
  }

  /** Gives the lock back. */
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

/** Undefined where it is no entry of this format. */
function parse(path: string): JournalFile | undefined {
  try {
    const file = JSON.parse(readFileSync(path, 'utf8')) as Partial<JournalFile>;
    const { desired } = file;
    const whole =
      file.format === FORMAT &&
      typeof file.boot === 'string' &&
      typeof file.since === 'number' &&
      typeof file.counted === 'object' &&
      typeof desired?.id === 'string' &&
      typeof desired.document === 'string' &&
      typeof desired.paused === 'boolean' &&
      typeof desired.target?.kind === 'string';
    return whole ? (file as JournalFile) : undefined;
  } catch {
    return undefined;
  }
}
