import { constants, readFileSync } from 'node:fs';
import { type LockMark, readMark } from '@ordeal/fault-fs';
import {
  compareKernelObjects,
  cString,
  dropDescriptionLocks,
  type FileLock,
  identifyDescriptor,
  identifyPath,
  KCMP,
  listNumbers,
  openPath,
  openPidfd,
  parseLocks,
  pullDescriptor,
} from '@ordeal/linux';
import type { HeldLocks } from '@ordeal/move';
import { fdinfoField } from '@ordeal/move';

/** A descriptor of the descriptor keeper that carries locks. */
interface Carrier {
  readonly number: number;
  readonly inode: bigint;
  readonly locks: readonly FileLock[];
  /** `undefined` if the owner could not be found out. */
  readonly mark: LockMark | undefined;
}

/**
 * The locks that a server has taken on the original files for the users of the volume: read from its descriptors, or
 * from those of the process that holds them after its death, with the owners from their {@link LockMark}.
 */
export class ServedLocks implements HeldLocks {
  readonly #holder: number;
  readonly #dead: boolean;
  #carriers: Map<bigint, Carrier[]> | undefined;

  /** @param dead whether the server is dead: a live one releases locks when its users do */
  constructor(holder: number, dead: boolean) {
    this.#holder = holder;
    this.#dead = dead;
  }

  locksOf(descriptor: number, pid: number): FileLock[] {
    return this.#carriersOf(descriptor, pid).flatMap(({ locks, mark }) =>
      locks.map((lock) => ({ ...lock, kind: mark?.kind ?? lock.kind })),
    );
  }

  release(descriptor: number, pid: number): void {
    if (!this.#dead) return;
    const pidfd = openPidfd(this.#holder);
    for (const carrier of this.#carriersOf(descriptor, pid)) {
      const pulled = pullDescriptor(pidfd, carrier.number);
      if (pulled) dropDescriptionLocks(pulled.number);
      pulled?.close();
    }
    pidfd.close();
  }

  /** Of the process's own locks where it is another than this one, else of the description's. */
  #carriersOf(descriptor: number, pid: number): Carrier[] {
    const { inode } = identifyDescriptor(descriptor);
    this.#carriers ??= this.#read();
    const found = this.#carriers.get(inode) ?? [];
    return found.filter(({ mark }) =>
      mark?.kind === 'POSIX'
        ? mark.pid === pid
        : pid === process.pid && (mark === undefined || this.#isDescription(descriptor, inode, mark)),
    );
  }

  /** The descriptor may be closed by now, and others of the same description be open: in that process, or in another. */
  #isDescription(descriptor: number, inode: bigint, { pid, number }: LockMark): boolean {
    if (isSame(descriptor, pid, number)) return true;
    if (identifyPath(-1, cString(`/proc/${pid}/fd/${number}`))?.inode === inode) return false;
    const numbers = numbersOf(pid);
    return numbers.length === 0 || numbers.some((other) => isSame(descriptor, pid, other));
  }

  /** Valid as long as all users of the volume are stopped. */
  #read(): Map<bigint, Carrier[]> {
    const carriers = new Map<bigint, Carrier[]>();
    const links = openPath(`/proc/${this.#holder}/fd`, constants.O_RDONLY | constants.O_DIRECTORY);
    for (const number of numbersOf(this.#holder)) {
      const identity = identifyPath(links.number, cString(String(number)));
      if (!identity || (identity.mode & constants.S_IFMT) !== constants.S_IFREG) continue;
      const text = readInfo(this.#holder, number);
      const locks = parseLocks(text);
      if (locks.length === 0) continue;
      const { inode } = identity;
      const mark = readMark(Number(fdinfoField(text, 'pos')));
      carriers.set(inode, [...(carriers.get(inode) ?? []), { number, inode, locks, mark }]);
    }
    links.close();
    return carriers;
  }
}

function isSame(descriptor: number, pid: number, number: number): boolean {
  return compareKernelObjects(KCMP.file, process.pid, pid, descriptor, number) === 0;
}

function numbersOf(pid: number): number[] {
  try {
    return listNumbers(`/proc/${pid}/fd`);
  } catch {
    return [];
  }
}

function readInfo(pid: number, number: number): string {
  try {
    return readFileSync(`/proc/${pid}/fdinfo/${number}`, 'latin1');
  } catch {
    return '';
  }
}
