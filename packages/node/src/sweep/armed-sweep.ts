import { UnsupportedError } from '@ordeal/diagnostics';
import { blueprintOf, KernelInjection, sumCounters } from '@ordeal/kernel-chaos';
import { cgroup2Root } from '@ordeal/linux';
import { CommandCgroup } from '../command-cgroup.js';
import { KernelWatch, type LogFinding } from '../kernel-watch.js';
import { type Captured, LAUNCHER_NAME, runCaptured } from './captured-command.js';
import type { SweepPlan } from './plan-sweep.js';
import { StackNames } from './stack-names.js';
import type { SweepRequest } from './sweep-request.js';

/** Bytes of output that are kept of a run, and of one that is shown. */
const KEEP = 16 * 1024;
const KEEP_SHOWN = 1024 * 1024;

/** The observations of one run. */
export interface ObservedRun {
  readonly captured: Captured;
  /** A request failed. */
  readonly fired: boolean;
  /** Requests that matched, the failed one included. */
  readonly matches: number;
  readonly stack: readonly string[];
  readonly thread: string;
  readonly inLauncher: boolean;
  readonly findings: readonly LogFinding[];
}

/** A command that can be run with one failing request. Armed once for all runs; the owner closes it. */
export class ArmedSweep {
  readonly #request: SweepRequest;
  readonly #cgroup: CommandCgroup;
  readonly #injection: KernelInjection;
  readonly #watch: KernelWatch;
  readonly #names = new StackNames();

  /** @throws OrdealError if the kernel refuses; nothing is left behind then */
  constructor(request: SweepRequest, { plan, mechanism }: SweepPlan) {
    const root = cgroup2Root();
    if (root === undefined) {
      throw new UnsupportedError(
        'ORD-304',
        'cgroup v2',
        'This host has no cgroup v2 hierarchy, which a sweep needs',
        {
          hint: 'Sweep in the lab: ordeal lab sweep -- CMD.',
        },
      );
    }
    this.#request = request;
    this.#cgroup = CommandCgroup.create(root);
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

  /** Whether the kernel log can be read here at all. */
  get seesKernelLog(): boolean {
    return this.#watch.able;
  }

  /** Runs the command once. @param nth the matching request that fails; 0 = none */
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

  /** Ends the faults and removes the cgroup. A second call does nothing. */
  async close(): Promise<void> {
    this.#injection.recover();
    this.#watch.close();
    if (this.#cgroup.populated) this.#cgroup.kill();
    await this.#cgroup.remove();
  }
}
