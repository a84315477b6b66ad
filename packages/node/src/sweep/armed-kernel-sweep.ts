import { Attempts } from '@ordeal/diagnostics';
import { blueprintOf, KernelInjection, type Mechanism, type Plan, sumCounters } from '@ordeal/kernel-chaos';
import type { CommandCgroup } from '../command-cgroup.js';
import { KernelWatch } from '../kernel-watch.js';
import type { ArmedSweep, ObservedRun } from './armed-sweep.js';
import { KEEP, KEEP_SHOWN, LAUNCHER_NAME, runCaptured } from './captured-command.js';
import { StackNames } from './stack-names.js';
import { sweepCgroup } from './sweep-cgroup.js';
import type { SweepRequest } from './sweep-request.js';
import { turnsOf } from './sweep-turns.js';

/** Requests that fail one at a time. */
export interface SweptPlan {
  readonly plan: Plan;
  /** Stands for the kernel stack in the results. */
  readonly site?: string;
}

interface SweptInjection {
  readonly injection: KernelInjection;
  readonly site: string | undefined;
}

/** A command that can be run with one failing kernel request of one or more plans. */
export class ArmedKernelSweep implements ArmedSweep {
  readonly #request: SweepRequest;
  readonly #cgroup: CommandCgroup;
  readonly #injections: SweptInjection[] = [];
  /** Of each injection without a fault: in the sweep that is continued, or else in the last such run. */
  #matches: readonly number[];
  readonly #watch: KernelWatch;
  readonly #names = new StackNames();

  /** @throws OrdealError if the kernel refuses; nothing is left behind then */
  constructor(request: SweepRequest, plans: readonly SweptPlan[], mechanism: Mechanism) {
    this.#request = request;
    this.#matches = plans.map(() => 0);
    this.#cgroup = sweepCgroup();
    try {
      const { id, level } = this.#cgroup.cgroup;
      const options = { events: true, single: true };
      for (const { plan, site } of plans) {
        const blueprint = blueprintOf(plan, [{ kind: 'cgroup', id, level }], mechanism, options);
        this.#injections.push({ injection: KernelInjection.arm(blueprint, undefined), site });
      }
    } catch (error) {
      // Empty, so that it is removed before the first wait.
      void this.#cgroup.remove();
      this.#recover(error);
      throw error;
    }
    this.#watch = new KernelWatch();
  }

  get seesKernelLog(): boolean {
    return this.#watch.able;
  }

  async reset(): Promise<void> {
    // Nothing outlasts a run.
  }

  async run(nth: number): Promise<ObservedRun> {
    const { command, stdin, limitMs, only, resume, signal } = this.#request;
    const turns = turnsOf(nth, this.#matches);
    const chosen = this.#injections[turns.findIndex((turn) => turn > 0)];
    chosen?.injection.forgetSites();
    chosen?.injection.events();
    const before = this.#count();
    const firedBefore = chosen ? sumCounters(chosen.injection.counters()).fired : 0n;
    for (const [index, { injection }] of this.#injections.entries()) injection.failOnly(turns[index] ?? 0);
    const captured = await runCaptured({
      cgroup: this.#cgroup,
      command,
      stdin,
      limitMs,
      keep: only === undefined ? KEEP : KEEP_SHOWN,
      signal,
    });
    const matches = this.#count().map((count, index) => count - (before[index] ?? 0));
    // A run keeps its number: the program may make other calls today than in the earlier sweep.
    if (nth === 0) this.#matches = resume?.baseline.matchesOfEach ?? matches;
    const [event] = chosen?.injection.events() ?? [];
    return {
      captured,
      fired: chosen !== undefined && sumCounters(chosen.injection.counters()).fired > firedBefore,
      matches: matches.reduce((sum, count) => sum + count, 0),
      ...(matches.length > 1 && { matchesOfEach: matches }),
      stack: chosen && event ? this.#stackOf(chosen, event.stackId) : [],
      thread: event?.command ?? '',
      inLauncher: event?.command === LAUNCHER_NAME,
      findings: this.#watch.look(),
    };
  }

  /** The matches of each injection so far. */
  #count(): number[] {
    return this.#injections.map(({ injection }) => {
      const { fired, usedUp } = sumCounters(injection.counters());
      return Number(fired + usedUp);
    });
  }

  #stackOf({ injection, site }: SweptInjection, stackId: number | undefined): readonly string[] {
    if (site !== undefined) return [site];
    const found = injection.sites().find((each) => each.stackId === stackId);
    return found ? this.#names.of(found) : [];
  }

  /** @param cause reported with what goes wrong meanwhile */
  #recover(cause?: unknown): void {
    const attempts = new Attempts();
    if (cause !== undefined) attempts.add(cause);
    for (const { injection } of this.#injections) attempts.run(() => injection.recover());
    attempts.report();
  }

  async close(): Promise<void> {
    this.#recover();
    this.#watch.close();
    if (this.#cgroup.populated) this.#cgroup.kill();
    await this.#cgroup.remove();
  }
}
