import { OrdealError } from '@ordeal/diagnostics';
import {
  checkInjectable,
  IoInjection,
  type IoInjectionOptions,
  type KeeperProcess,
  type RuleCounts,
} from '@ordeal/io-chaos';
import {
  type IoExperimentSpec,
  type LiftReason,
  processesOfTarget,
  type RunEvent,
  type SeeingProcess,
  type Target,
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
import { IoFaultEvents } from './io-fault-events.js';

/** I/O faults on a volume, injected by processes of their own, which outlive this one. */
export class IoEngine implements Engine<IoExperimentSpec> {
  readonly #keeper: KeeperProcess;
  readonly #prepared: boolean;
  readonly #hear: (claim: string, event: RunEvent) => void;

  /**
   * @param keeper for all volumes; the caller's
   * @param prepared whether it is always prepared for another one
   * @param hear called with each event of faults that are reported
   */
  constructor(
    keeper: KeeperProcess,
    prepared: boolean,
    hear: (claim: string, event: RunEvent) => void = () => undefined,
  ) {
    this.#hear = hear;
    this.#keeper = keeper;
    this.#prepared = prepared;
    if (prepared) keeper.prepare();
  }

  check({ spec }: IoExperimentSpec, target: Target): Refusal[] {
    const seeing = processesOfTarget(target);
    const refusals = seeing.flatMap(({ pid }) => this.#refusalOf(pid, spec.volumePath) ?? []);
    // A container beside another one in a pod need not have the volume.
    const absent = refusals.filter(({ code }) => code === 'ORD-753');
    return absent.length === refusals.length && absent.length < seeing.length ? [] : refusals.slice(0, 1);
  }

  async arm(
    spec: IoExperimentSpec,
    target: Target,
    terms: Terms,
    claim: string,
  ): Promise<Injection<IoExperimentSpec>> {
    const hear = (event: RunEvent) => this.#hear(claim, event);
    const events = spec.faults ? new IoFaultEvents(spec, hear) : undefined;
    const held = { claim, keeper: this.#keeper, onFaults: events?.onFaults };
    try {
      const placed = await placeAll(spec, target, terms, {
        ...held,
        note: (line) => events?.note(line),
      });
      events?.armed(target, placed);
      return new IoFaultsOfTarget(spec, terms, placed, events);
    } finally {
      if (this.#prepared) this.#keeper.prepare();
    }
  }

  #refusalOf(pid: number, path: string): Refusal | undefined {
    try {
      checkInjectable(this.#keeper.runDirectory, pid, path);
      return undefined;
    } catch (error) {
      if (error instanceof OrdealError) return { code: error.code, message: error.message };
      throw error;
    }
  }
}

class IoFaultsOfTarget implements Injection<IoExperimentSpec> {
  readonly adopted: Counts;
  readonly #path: string;
  #terms: Terms;
  /** None while paused. */
  readonly #placed: readonly IoInjection[];
  readonly #events: IoFaultEvents | undefined;
  #ended: Promise<EndedInjection> | undefined;

  /** @param events undefined if its faults are only counted */
  constructor(
    { spec }: IoExperimentSpec,
    terms: Terms,
    placed: readonly IoInjection[],
    events: IoFaultEvents | undefined,
  ) {
    this.#events = events;
    this.adopted = sumOf(placed.map((each) => each.adopted?.[0]));
    this.#path = spec.volumePath;
    this.#terms = terms;
    this.#placed = placed;
  }

  get state(): InjectionState {
    if (this.#placed.some(({ lost }) => lost)) return 'lost';
    if (this.#placed.some(({ deserted }) => deserted)) return 'deserted';
    if (this.#terms.paused) return 'paused';
    return this.#placed.some((each) => each.isArmed(0)) ? 'active' : 'expired';
  }

  get quiet(): boolean {
    return this.#placed.every(({ quiet }) => quiet);
  }

  async observe(): Promise<Observation> {
    const stirred = this.#placed.filter(({ quiet }) => !quiet);
    await Promise.all(stirred.map((each) => each.count()));
    return this.#observation();
  }

  /**
   * Other faults or another deadline for the same volume move no process. A pause and another volume, and what a keeper
   * refuses, need another injection.
   */
  async update({ spec }: IoExperimentSpec, terms: Terms): Promise<boolean> {
    if (this.#ended) throw new OrdealError('ORD-855', 'The faults have been lifted');
    if (spec.volumePath !== this.#path || terms.paused || this.state !== 'active') return false;
    const rules = [{ spec, duration: nanosecondsUntil(terms.deadline) }];
    try {
      for (const injection of this.#placed) await injection.update(rules);
    } catch (error) {
      if (error instanceof OrdealError) return false;
      throw error;
    }
    this.#terms = terms;
    return true;
  }

  end(reason: LiftReason = 'interrupted'): Promise<EndedInjection> {
    this.#ended ??= this.#end(reason);
    return this.#ended;
  }

  async #end(reason: LiftReason): Promise<EndedInjection> {
    const lift = () => Promise.all(this.#placed.map((each) => each.recover()));
    await (this.#events ? this.#events.lifted(reason, lift) : lift());
    return { ...this.#observation(), left: this.#placed.flatMap(({ left }) => left) };
  }

  #observation(): Observation {
    return { state: this.state, counts: sumOf(this.#placed.map(({ counts }) => counts[0])), sites: [] };
  }
}

type HeldAs = Pick<IoInjectionOptions, 'claim' | 'keeper' | 'note' | 'onFaults'>;

/** In every mount namespace of the target that has the volume; nowhere while paused. @throws OrdealError */
async function placeAll(
  spec: IoExperimentSpec,
  target: Target,
  terms: Terms,
  held: HeldAs,
): Promise<IoInjection[]> {
  const placed: IoInjection[] = [];
  if (terms.paused) return placed;
  let missing: OrdealError | undefined;
  try {
    for (const seeing of processesOfTarget(target)) {
      try {
        placed.push(await place(spec, seeing, terms, held));
      } catch (error) {
        if (!(error instanceof OrdealError) || error.code !== 'ORD-753') throw error;
        missing ??= error;
      }
    }
    if (placed.length === 0) {
      throw missing ?? new OrdealError('ORD-301', `${target.description} has no process now`);
    }
    return placed;
  } catch (error) {
    for (const injection of placed) await injection.recover();
    throw error;
  }
}

function place(
  { spec }: IoExperimentSpec,
  { pid }: SeeingProcess,
  terms: Terms,
  held: HeldAs,
): Promise<IoInjection> {
  const duration = nanosecondsUntil(terms.deadline);
  const { volumePath } = spec;
  return IoInjection.arm({ volumePath, rules: [{ spec, duration }], pid, ...held });
}

function sumOf(counts: readonly (RuleCounts[number] | undefined)[]): Counts {
  return counts.map((each) => countsOf(each)).reduce(addCounts, NO_COUNTS);
}

export function countsOf(methods: RuleCounts[number] = []): Counts {
  const sum = (key: 'reached' | 'fired') => methods.reduce((total, each) => total + each[key], 0);
  return { reached: sum('reached'), fired: sum('fired'), methods, kernel: {} };
}
