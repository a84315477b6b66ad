import { OrdealError } from '@ordeal/diagnostics';
import { checkInjectable, IoInjection, type RuleCounts, type SpareKeeper } from '@ordeal/io-chaos';
import { type IoExperimentSpec, processesOfTarget, type SeeingProcess, type Target } from '@ordeal/node';
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

/** I/O faults on a volume, injected by processes of their own, which outlive this one. */
export class IoEngine implements Engine<IoExperimentSpec> {
  readonly #spare: SpareKeeper | undefined;

  /** @param spare the caller's */
  constructor(spare?: SpareKeeper) {
    this.#spare = spare;
    spare?.prepare();
  }

  check({ spec }: IoExperimentSpec, target: Target): Refusal[] {
    const seeing = processesOfTarget(target);
    const refusals = seeing.flatMap(({ pid }) => refusalOf(pid, spec.volumePath) ?? []);
    // A container beside another one in a pod need not have the volume.
    const absent = refusals.filter(({ code }) => code === 'ORD-753');
    return absent.length === refusals.length && absent.length < seeing.length ? [] : refusals.slice(0, 1);
  }

  async arm(spec: IoExperimentSpec, target: Target, terms: Terms): Promise<Injection<IoExperimentSpec>> {
    try {
      const placed = await placeAll(spec, target, terms, this.#spare);
      return new IoFaultsOfTarget(target, spec, terms, placed);
    } finally {
      this.#spare?.prepare();
    }
  }
}

class IoFaultsOfTarget implements Injection<IoExperimentSpec> {
  readonly #target: Target;
  #path: string;
  #terms: Terms;
  /** None while paused. */
  #placed: readonly IoInjection[];
  /** The counters of earlier injections. */
  #before: Counts = NO_COUNTS;
  #lost = false;
  #ended: Promise<EndedInjection> | undefined;

  constructor(target: Target, { spec }: IoExperimentSpec, terms: Terms, placed: readonly IoInjection[]) {
    this.#target = target;
    this.#path = spec.volumePath;
    this.#terms = terms;
    this.#placed = placed;
  }

  get state(): InjectionState {
    if (this.#lost || this.#placed.some(({ lost }) => lost)) return 'lost';
    if (this.#placed.some(({ deserted }) => deserted)) return 'deserted';
    if (this.#terms.paused) return 'paused';
    return this.#placed.some((each) => each.isArmed(0)) ? 'active' : 'expired';
  }

  async observe(): Promise<Observation> {
    await Promise.all(this.#placed.map((each) => each.count()));
    return this.#observation();
  }

  /**
   * Other faults or another deadline for the same volume move no process. For a pause and for another volume, the
   * volume is restored; an injection that cannot be armed again is lost.
   */
  async update(experiment: IoExperimentSpec, terms: Terms): Promise<void> {
    if (this.#ended) throw new OrdealError('ORD-855', 'The faults have been lifted');
    const { volumePath } = experiment.spec;
    const stays = volumePath === this.#path && !terms.paused && this.state === 'active';
    if (stays && (await this.#updateInPlace(experiment, terms))) return;
    await this.#giveBack();
    this.#path = volumePath;
    this.#terms = terms;
    try {
      this.#placed = await placeAll(experiment, this.#target, terms);
    } catch (error) {
      this.#lost = true;
      throw error;
    }
  }

  /** @returns whether it is done; if a keeper refuses, the volume must be armed anew */
  async #updateInPlace({ spec }: IoExperimentSpec, terms: Terms): Promise<boolean> {
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

  end(): Promise<EndedInjection> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #end(): Promise<EndedInjection> {
    const placed = this.#placed;
    await this.#giveBack();
    return { ...this.#observation(), left: placed.flatMap(({ left }) => left) };
  }

  async #giveBack(): Promise<void> {
    await Promise.all(this.#placed.map((each) => each.recover()));
    this.#before = this.#counts();
    this.#placed = [];
  }

  #observation(): Observation {
    return { state: this.state, counts: this.#counts(), sites: [] };
  }

  #counts(): Counts {
    return this.#placed.reduce((sum, each) => addCounts(sum, countsOf(each.counts[0])), this.#before);
  }
}

/** In every mount namespace of the target that has the volume; nowhere while paused. @throws OrdealError */
async function placeAll(
  spec: IoExperimentSpec,
  target: Target,
  terms: Terms,
  spare?: SpareKeeper,
): Promise<IoInjection[]> {
  const placed: IoInjection[] = [];
  if (terms.paused) return placed;
  let missing: OrdealError | undefined;
  try {
    for (const seeing of processesOfTarget(target)) {
      try {
        placed.push(await place(spec, seeing, terms, spare));
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
  spare: SpareKeeper | undefined,
): Promise<IoInjection> {
  const duration = nanosecondsUntil(terms.deadline);
  const { volumePath } = spec;
  return IoInjection.arm({ volumePath, rules: [{ spec, duration }], pid, spare, note: () => undefined });
}

function refusalOf(pid: number, path: string): Refusal | undefined {
  try {
    checkInjectable(pid, path);
    return undefined;
  } catch (error) {
    if (error instanceof OrdealError) return { code: error.code, message: error.message };
    throw error;
  }
}

function countsOf(methods: RuleCounts[number] = []): Counts {
  const sum = (key: 'reached' | 'fired') => methods.reduce((total, each) => total + each[key], 0);
  return { reached: sum('reached'), fired: sum('fired'), methods, kernel: {} };
}
