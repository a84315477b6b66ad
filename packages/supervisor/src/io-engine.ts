import { OrdealError } from '@ordeal/diagnostics';
import { checkVolume, IoInjection, type RuleCounts } from '@ordeal/io-chaos';
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

/** File operations of a volume become slow, fail or lie: processes of their own, which outlive this one. */
export class IoEngine implements Engine<IoExperimentSpec> {
  check({ spec }: IoExperimentSpec, target: Target): Refusal[] {
    const seeing = processesOfTarget(target);
    const refusals = seeing.flatMap(({ pid }) => refusalOf(pid, spec.volumePath) ?? []);
    // A container beside another one in a pod need not have the volume.
    const absent = refusals.filter(({ code }) => code === 'ORD-753');
    return absent.length === refusals.length && absent.length < seeing.length ? [] : refusals.slice(0, 1);
  }

  async arm(spec: IoExperimentSpec, target: Target, terms: Terms): Promise<Injection<IoExperimentSpec>> {
    return new IoFaultsOfTarget(target, terms, await placeAll(spec, target, terms));
  }
}

class IoFaultsOfTarget implements Injection<IoExperimentSpec> {
  readonly #target: Target;
  #terms: Terms;
  /** None while paused. */
  #placed: readonly IoInjection[];
  /** What injections before these have counted. */
  #before: Counts = NO_COUNTS;
  #lost = false;
  #ended: Promise<EndedInjection> | undefined;

  constructor(target: Target, terms: Terms, placed: readonly IoInjection[]) {
    this.#target = target;
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

  /** The volume is given back, and taken anew unless paused: its users are moved. What cannot be taken anew is lost. */
  async update(spec: IoExperimentSpec, terms: Terms): Promise<void> {
    if (this.#ended) throw new OrdealError('ORD-855', 'The faults have been taken back');
    await this.#giveBack();
    this.#terms = terms;
    try {
      this.#placed = await placeAll(spec, this.#target, terms);
    } catch (error) {
      this.#lost = true;
      throw error;
    }
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
async function placeAll(spec: IoExperimentSpec, target: Target, terms: Terms): Promise<IoInjection[]> {
  const placed: IoInjection[] = [];
  if (terms.paused) return placed;
  let missing: OrdealError | undefined;
  try {
    for (const seeing of processesOfTarget(target)) {
      try {
        placed.push(await place(spec, seeing, terms));
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

function place({ spec }: IoExperimentSpec, { pid }: SeeingProcess, terms: Terms): Promise<IoInjection> {
  const duration = nanosecondsUntil(terms.deadline);
  const { volumePath } = spec;
  return IoInjection.arm({ volumePath, rules: [{ spec, duration }], pid, note: () => undefined });
}

function refusalOf(pid: number, path: string): Refusal | undefined {
  try {
    checkVolume(pid, path).origin.close();
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
