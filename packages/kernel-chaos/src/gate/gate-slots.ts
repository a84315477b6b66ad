import type { Scope } from '../scope.js';

/** Experiments that one gate can hold. */
export const SLOTS = 128;
/**
 * Programs that one call may go through, one after the other. The kernel allows 33 tail calls (MAX_TAIL_CALL_CNT,
 * include/linux/bpf.h).
 */
export const MAX_ASKED = 32;
/** Cgroups that can be looked up. */
export const MAX_CGROUPS = 1024;
/** The deepest cgroup that can be looked up; its levels are bits of a word. */
export const MAX_LEVEL = 30;

/** Who is in which slot, and whom the gate must ask for a task in a cgroup. Pure: {@link FaultGate} has the maps. */
export class GateSlots {
  readonly #scopes = new Map<number, readonly Scope[]>();
  /** How many cgroups a call is looked up by: its task's, and for block I/O also its owner's. */
  readonly #lookups: number;

  constructor(lookups: 1 | 2) {
    this.#lookups = lookups;
  }

  get empty(): boolean {
    return this.#scopes.size === 0;
  }

  /**
   * Takes the lowest free slot. Undefined if there is none, or if a call could then have to go through more than
   * {@link MAX_ASKED} programs.
   */
  take(scopes: readonly Scope[]): number | undefined {
    let slot = 0;
    while (this.#scopes.has(slot)) slot++;
    if (slot >= SLOTS) return undefined;
    this.#scopes.set(slot, scopes);
    if (this.#mostAsked() <= MAX_ASKED && this.#cgroups().size <= MAX_CGROUPS) return slot;
    this.#scopes.delete(slot);
    return undefined;
  }

  release(slot: number): void {
    this.#scopes.delete(slot);
  }

  /** Bit n = slot n: those that are asked for every task, because they have a scope that is not looked up. */
  get always(): bigint {
    return this.#bits((scopes) => !lookedUp(scopes));
  }

  /** Bit n: some slot that is looked up has a cgroup at depth n. */
  get levels(): bigint {
    let levels = 0n;
    for (const { level } of this.#cgroups().values()) levels |= 1n << BigInt(level);
    return levels;
  }

  /** Bit n = slot n: those that are asked for tasks in this cgroup and below. */
  askedIn(id: bigint): bigint {
    return this.#bits(
      (scopes) => lookedUp(scopes) && scopes.some((scope) => scope.kind === 'cgroup' && scope.id === id),
    );
  }

  /** A cgroup has one ancestor at each level, so the most that share one cgroup of a level count for that level. */
  #mostAsked(): number {
    const most = new Map<number, number>();
    for (const { level, slots } of this.#cgroups().values()) {
      most.set(level, Math.max(most.get(level) ?? 0, slots));
    }
    const always = [...this.#scopes.values()].filter((scopes) => !lookedUp(scopes)).length;
    const sum = [...most.values()].reduce((total, each) => total + this.#lookups * each, always);
    return Math.min(sum, this.#scopes.size);
  }

  /** The cgroups that are looked up, by id. */
  #cgroups(): Map<bigint, { readonly level: number; slots: number }> {
    const found = new Map<bigint, { readonly level: number; slots: number }>();
    for (const scopes of this.#scopes.values()) {
      if (!lookedUp(scopes)) continue;
      for (const scope of new Map(scopes.map((each) => [each.id, each])).values()) {
        const known = found.get(scope.id);
        if (known) known.slots++;
        else found.set(scope.id, { level: scope.level, slots: 1 });
      }
    }
    return found;
  }

  #bits(chosen: (scopes: readonly Scope[]) => boolean): bigint {
    let bits = 0n;
    for (const [slot, scopes] of this.#scopes) if (chosen(scopes)) bits |= 1n << BigInt(slot);
    return bits;
  }
}

type CgroupScope = Extract<Scope, { readonly kind: 'cgroup' }>;

/** Whether a task's cgroup tells that it is in none of the scopes. */
function lookedUp(scopes: readonly Scope[]): scopes is readonly CgroupScope[] {
  return (
    scopes.length <= MAX_CGROUPS &&
    scopes.every((scope) => scope.kind === 'cgroup' && scope.level > 0 && scope.level <= MAX_LEVEL)
  );
}
