import { type IoFaults, nameLocks } from '../faults.js';
import type { Journal } from '../journal/journal.js';

/** Nanoseconds that a killed process may wait; shorter delays simply run out. */
const LONG_DELAY = 1_000_000_000n;

/** The faults of one owner, and its processes that are not targets. */
export interface OwnedFaults {
  readonly faults: readonly IoFaults[];
  /** Whether each fault is reported. */
  readonly reported: boolean;
  readonly except: readonly number[];
}

/** The faults of all owners of a volume, and their consequences for the way back. */
export class VolumeRules {
  readonly #groups = new Map<number, OwnedFaults>();
  /** Whether locks are requests: negotiated with the kernel at the beginning, and then fixed. */
  readonly #locksHeld: boolean;
  // Effects that programs have seen outlast the rule.
  #trustNames = false;
  #damaged = false;

  /** @param first of the first owner, which are not yet among them */
  constructor(first: readonly IoFaults[]) {
    this.#locksHeld = nameLocks(first);
  }

  put(group: number, owned: OwnedFaults): void {
    this.#groups.set(group, owned);
    const { faults } = owned;
    this.#trustNames ||= faults.some(({ attr }) => attr?.ino !== undefined);
    this.#damaged ||= faults.some(({ action }) => action === 'mistake');
  }

  drop(group: number): void {
    this.#groups.delete(group);
  }

  /** Whether these could never match, since locks are not requests here. */
  missLocks(faults: readonly IoFaults[]): boolean {
    return !this.#locksHeld && nameLocks(faults);
  }

  /** Groups whose faults are reported. */
  get reported(): number[] {
    return [...this.#groups].flatMap(([group, { reported }]) => (reported ? [group] : []));
  }

  /** Processes that are not targets, whatever they have open. */
  get except(): number[] {
    return [...this.#groups.values()].flatMap(({ except }) => except);
  }

  /** Whether a request may be delayed for long. */
  get delaysLong(): boolean {
    const all = [...this.#groups.values()].flatMap(({ faults }) => faults);
    return all.some(({ delay }) => (delay ?? 0n) >= LONG_DELAY);
  }

  /** What a recovery must know. */
  get facts(): Pick<Journal, 'trustNames' | 'locksHeld' | 'rescue'> {
    return {
      trustNames: this.#trustNames,
      locksHeld: this.#locksHeld,
      rescue: this.#damaged ? 'unwritten' : 'differing',
    };
  }
}
