import { OrdealError } from '@ordeal/diagnostics';
import { type KernelInjection, sumCounters } from '@ordeal/kernel-chaos';
import {
  armKernelFaults,
  type KernelExperimentSpec,
  summariseSites,
  type Target,
  withoutCgroup2,
} from '@ordeal/node';
import {
  addCounts,
  type Counts,
  type EndedInjection,
  type Engine,
  type Injection,
  type InjectionState,
  NO_COUNTS,
  nanosecondsUntil,
  type Observation,
  type Refusal,
  type Terms,
} from './engine.js';

/** Kernel faults: BPF programs of this process, which end with it. */
export class KernelEngine implements Engine<KernelExperimentSpec> {
  check(_spec: KernelExperimentSpec, { scope }: Target): Refusal[] {
    if (scope !== undefined) return [];
    const { code, message } = withoutCgroup2();
    return [{ code, message }];
  }

  async arm(
    spec: KernelExperimentSpec,
    target: Target,
    terms: Terms,
  ): Promise<Injection<KernelExperimentSpec>> {
    return new KernelFaults(spec, target, terms);
  }
}

class KernelFaults implements Injection<KernelExperimentSpec> {
  /** Programs in the kernel end with their process. */
  readonly adopted = NO_COUNTS;
  readonly quiet = false;
  readonly #target: Target;
  #spec: KernelExperimentSpec;
  #armed: KernelInjection;
  #paused: boolean;
  /** Of programs that were replaced. */
  #before: Counts = NO_COUNTS;
  #ended: Promise<EndedInjection> | undefined;

  constructor(spec: KernelExperimentSpec, target: Target, terms: Terms) {
    this.#spec = spec;
    this.#target = target;
    this.#paused = terms.paused;
    this.#armed = arm(spec, target, terms);
  }

  get state(): InjectionState {
    if (!this.#armed.armed) return 'expired';
    return this.#paused ? 'paused' : 'active';
  }

  async observe(): Promise<Observation> {
    return this.#observation();
  }

  /** Other faults need other programs, armed before the old ones are removed. */
  async update(spec: KernelExperimentSpec, terms: Terms): Promise<true> {
    if (this.#ended) throw new OrdealError('ORD-855', 'The faults have been lifted');
    if (spec === this.#spec) {
      settle(this.#armed, terms);
    } else {
      const old = this.#armed;
      this.#armed = arm(spec, this.#target, terms);
      this.#spec = spec;
      // Armed programs must have an owner before anything else can fail.
      try {
        old.recover();
      } finally {
        this.#before = addCounts(this.#before, countsOf(old));
      }
    }
    this.#paused = terms.paused;
    return true;
  }

  end(): Promise<EndedInjection> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #end(): Promise<EndedInjection> {
    const left: string[] = [];
    try {
      this.#armed.recover();
    } catch (error) {
      left.push(error instanceof Error ? error.message : String(error));
    }
    return { ...this.#observation(), sites: summariseSites(this.#armed.sites()), left };
  }

  #observation(): Observation {
    // Stacks are named at the end: this reads all symbols of the kernel.
    return { state: this.state, counts: addCounts(this.#before, countsOf(this.#armed)), sites: [] };
  }
}

function arm(spec: KernelExperimentSpec, { scope }: Target, terms: Terms): KernelInjection {
  if (scope === undefined) throw withoutCgroup2();
  const injection = armKernelFaults({ ...spec, duration: nanosecondsUntil(terms.deadline) }, [scope]);
  try {
    if (terms.paused) injection.pause();
    return injection;
  } catch (error) {
    injection.recover();
    throw error;
  }
}

function settle(injection: KernelInjection, { deadline, paused }: Terms): void {
  injection.endAfter(nanosecondsUntil(deadline));
  if (paused) injection.pause();
  else injection.resume();
}

function countsOf(injection: KernelInjection): Counts {
  const counters = Object.entries(sumCounters(injection.counters()));
  const kernel = Object.fromEntries(counters.map(([name, count]) => [name, Number(count)]));
  return { reached: kernel.reached ?? 0, fired: kernel.fired ?? 0, methods: [], kernel };
}
