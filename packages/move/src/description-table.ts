import { readFileSync } from 'node:fs';
import {
  compareKernelObjects,
  type Fd,
  identifyDescriptor,
  KCMP,
  parseLocks,
  SYS,
  syscall,
} from '@ordeal/linux';
import { type Description, type DescriptionState, immovable, successorFlags } from './description.js';
import type { OldSide } from './old-side.js';
import { fdinfoField } from './proc-text.js';
import type { OpenOnNewSide } from './sides.js';

const F_GETFL = 3;

/** All descriptions seen during a move, in the kernel's own order. Owns their descriptors; closed by its owner. */
export class DescriptionTable {
  readonly #oldSide: OldSide;
  readonly #openOnNewSide: OpenOnNewSide;
  readonly #sorted: Description[] = [];

  constructor(oldSide: OldSide, openOnNewSide: OpenOnNewSide) {
    this.#oldSide = oldSide;
    this.#openOnNewSide = openOnNewSide;
  }

  /**
   * The entry for the description that `pulled` refers to; a new one is opened on the new side at once. Takes
   * ownership of `pulled`.
   */
  enter(pulled: Fd): Description {
    const place = this.#placeOf(pulled);
    const known = this.#sorted[place.index];
    if (place.known && known) {
      pulled.close();
      return known;
    }
    const description = this.#describe(pulled);
    this.#sorted.splice(place.index, 0, description);
    return description;
  }

  /** Closes all descriptors of the old side and of the new. */
  close(): void {
    for (const { old, state } of this.#sorted.splice(0)) {
      old.close();
      if ('successor' in state) state.successor.close();
    }
  }

  #placeOf(pulled: Fd): { index: number; known: boolean } {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const candidate = this.#sorted[middle];
      const order = candidate && sameProcessOrder(pulled, candidate.old);
      if (order === 0) return { index: middle, known: true };
      if (order === -1) high = middle;
      else low = middle + 1;
    }
    return { index: low, known: false };
  }

  #describe(old: Fd): Description {
    const identity = identifyDescriptor(old.number);
    const flags = syscall('fcntl(F_GETFL)', SYS.fcntl, old.number, F_GETFL);
    const fdinfo = readFileSync(`/proc/self/fdinfo/${old.number}`, 'latin1');
    return {
      old,
      identity,
      flags,
      lockInode: fdinfoField(fdinfo, 'ino') ?? String(identity.inode),
      path: this.#oldSide.nameOf(old.number)?.toString() ?? '',
      state: this.#stateOf({ old, identity, flags, fdinfo }),
    };
  }

  #stateOf(found: Pick<Description, 'old' | 'identity' | 'flags'> & { fdinfo: string }): DescriptionState {
    const { old, identity, flags } = found;
    if (!this.#oldSide.onMount(identity) || !this.#oldSide.contains(old.number)) return { kind: 'outside' };
    const reason = immovable(identity, flags);
    if (reason !== undefined) return { kind: 'left', reason };
    if (parseLocks(found.fdinfo).some((lock) => lock.kind === 'LEASE')) {
      return { kind: 'left', reason: 'holds a lease, which only its process can take again' };
    }
    const successor = this.#openOnNewSide({
      descriptor: old.number,
      name: this.#oldSide.nameOf(old.number),
      identity,
      flags: successorFlags(flags),
    });
    return typeof successor === 'string' ? { kind: 'left', reason: successor } : { kind: 'fresh', successor };
  }
}

function sameProcessOrder(first: Fd, second: Fd): -1 | 0 | 1 | undefined {
  return compareKernelObjects(KCMP.file, process.pid, process.pid, first.number, second.number);
}
