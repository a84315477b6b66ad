import { blueprintOf, KernelInjection, type Mechanism, type Plan, sumCounters } from '@ordeal/kernel-chaos';
import type { CommandCgroup } from '../command-cgroup.js';
import { KernelWatch } from '../kernel-watch.js';
import type { ArmedSweep, ObservedRun } from './armed-sweep.js';
import { LAUNCHER_NAME, runCaptured } from './captured-command.js';
import { StackNames } from './stack-names.js';
import { sweepCgroup } from './sweep-cgroup.js';
import type { SweepRequest } from './sweep-request.js';

/** Bytes of output that are kept of a run, and of one that is shown. */
const KEEP = 16 * 1024;
const KEEP_SHOWN = 1024 * 1024;

/** A command that can be run with one failing kernel request. */
export class ArmedKernelSweep implements ArmedSweep {
  readonly #request: SweepRequest;
  readonly #cgroup: CommandCgroup;
  readonly #injection: KernelInjection;
  readonly #watch: KernelWatch;
  readonly #names = new StackNames();

  /** @throws OrdealError if the kernel refuses; nothing is left behind then */
  constructor(request: SweepRequest, plan: Plan, mechanism: Mechanism) {
    this.#request = request;
    this.#cgroup = sweepCgroup();
    try {
      const { id, level } = this.#cgroup.cgroup;
      const options = { events: true, single: true };
      const blueprint = blueprintOf(plan, [{ kind: 'cgroup', id, level }], mechanism, options);
      this.#injection = KernelInjection.arm(blueprint, undefined);
    } catch (error) {
      // Empty, so that it is removed before the first wait.
      void this.#cgroup.remove();
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
    const { command, stdin, limitMs, only, signal } = this.#request;
    const injection = this.#injection;
    injection.forgetSites();
    injection.events();
    const before = sumCounters(injection.counters());
    injection.failOnly(nth);
    const captured = await runCaptured({
      cgroup: this.#cgroup,
      command,
      stdin,
      limitMs,
      keep: only === undefined ? KEEP : KEEP_SHOWN,
      signal,
    });
    const after = sumCounters(injection.counters());
    const fired = after.fired - before.fired;
    const [event] = injection.events();
    const site = injection.sites().find(({ stackId }) => stackId === event?.stackId);
    return {
      captured,
      fired: fired > 0n,
      matches: Number(fired + after.usedUp - before.usedUp),
      stack: site ? this.#names.of(site) : [],
      thread: event?.command ?? '',
      inLauncher: event?.command === LAUNCHER_NAME,
      findings: this.#watch.look(),
    };
  }

  async close(): Promise<void> {
    this.#injection.recover();
    this.#watch.close();
    if (this.#cgroup.populated) this.#cgroup.kill();
    await this.#cgroup.remove();
  }
}
