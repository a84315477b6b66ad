import { OrdealError } from '@ordeal/diagnostics';
import {
  type Counters,
  type FaultEvent,
  type KernelInjection,
  type Scope,
  type Site,
  sumCounters,
} from '@ordeal/kernel-chaos';
import { armKernelFaults, type KernelExperimentSpec } from './arm-kernel-faults.js';
import { kernelFaults } from './armed-faults.js';
import type { RunEventListener } from './run-event.js';
import { isThere, type Target, withoutCgroup2 } from './target.js';

/** Milliseconds between checks of the targets. */
const LOOK = 250;

/**
 * The programs of one KernelChaos, armed for its targets as they are now: a container or cgroup that is started again
 * has another id in the kernel, and gets programs of its own for what is left of the time. The owner recovers it.
 */
export class FollowedKernelInjection {
  readonly #spec: KernelExperimentSpec;
  readonly #onEvent: RunEventListener;
  readonly #targets: Target[];
  readonly #away = new Set<number>();
  readonly #armedAt = performance.now();
  #injection: KernelInjection;
  /** Of programs that were replaced. */
  #before: { readonly counters: readonly Counters[]; readonly sites: readonly Site[] } = {
    counters: [],
    sites: [],
  };
  #obstacle: string | undefined;
  #looked = performance.now();

  /** Arms it. @throws OrdealError if the kernel refuses; nothing is left behind then */
  constructor(spec: KernelExperimentSpec, targets: readonly Target[], onEvent: RunEventListener) {
    this.#spec = spec;
    this.#onEvent = onEvent;
    this.#targets = [...targets];
    this.#injection = armKernelFaults(spec, targets.map(scopeOf));
  }

  /** The programs that are armed now. */
  get current(): KernelInjection {
    return this.#injection;
  }

  /** Of all programs there were, all targets together. */
  get counters(): Counters {
    return sumCounters([...this.#before.counters, ...this.#injection.counters()]);
  }

  /** Where faults happened, of all programs there were. */
  get sites(): readonly Site[] {
    return [...this.#before.sites, ...this.#injection.sites()];
  }

  /**
   * Checks, at intervals, whether targets have ended or are back.
   *
   * @param last gets the last faults of programs that are replaced
   */
  follow(last: (faults: readonly FaultEvent[]) => void): void {
    if (!this.#injection.armed || performance.now() - this.#looked < LOOK) return;
    this.#looked = performance.now();
    const found = this.#targets.map((target, index) => this.#lookFor(target, index));
    if (found.every((target) => target === undefined)) return;
    const targets = this.#targets.map((target, index) => found[index] ?? target);
    const begun = performance.now();
    try {
      this.#replace(targets, last);
    } catch (error) {
      if (!(error instanceof OrdealError)) throw error;
      this.#hinder(error.message);
      return;
    }
    this.#obstacle = undefined;
    const armingMs = Math.round(performance.now() - begun);
    for (const [index, target] of found.entries()) {
      if (!target) continue;
      this.#targets[index] = target;
      this.#away.delete(index);
      const { convention } = this.#injection.blueprint;
      const { means } = kernelFaults(this.#spec.plan, convention.mechanism);
      this.#onEvent({ type: 'target-back', ...this.#about(target), means, moved: [], armingMs });
    }
  }

  /** A target that has ended and runs again under another id in the kernel. */
  #lookFor(target: Target, index: number): Target | undefined {
    if (target.whenEnded.kind !== 'follow' || isThere(target)) return undefined;
    if (!this.#away.has(index)) {
      this.#away.add(index);
      this.#onEvent({ type: 'target-ended', ...this.#about(target) });
    }
    const found = target.whenEnded.find();
    return found && isThere(found) ? found : undefined;
  }

  /** Other targets are other programs: armed before the old ones go. */
  #replace(targets: readonly Target[], last: (faults: readonly FaultEvent[]) => void): void {
    const { duration } = this.#spec;
    const elapsed = BigInt(Math.round((performance.now() - this.#armedAt) * 1e6));
    const left = duration === undefined ? undefined : duration > elapsed ? duration - elapsed : 0n;
    const old = this.#injection;
    this.#injection = armKernelFaults({ ...this.#spec, duration: left }, targets.map(scopeOf));
    // What is armed has an owner before anything else can fail.
    try {
      last(old.events());
      old.recover();
    } finally {
      const { counters, sites } = this.#before;
      this.#before = { counters: [...counters, ...old.counters()], sites: [...sites, ...old.sites()] };
    }
  }

  #hinder(reason: string): void {
    if (this.#obstacle === reason) return;
    this.#obstacle = reason;
    const note = { kind: 'faults refused', experiment: this.#spec.name, reason } as const;
    this.#onEvent({ type: 'note', at: new Date().toISOString(), note });
  }

  #about({ description }: Target) {
    return { at: new Date().toISOString(), experiments: [this.#spec.name], target: description };
  }
}

function scopeOf({ scope }: Target): Scope {
  if (scope === undefined) throw withoutCgroup2();
  return scope;
}
