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
    const placed: IoInjection[] = [];
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
    } catch (error) {
      for (const injection of placed) await injection.recover();
      throw error;
    }
    return new IoFaultsOfTarget(placed, terms);
  }
}

class IoFaultsOfTarget implements Injection<IoExperimentSpec> {
  readonly #placed: readonly IoInjection[];
  readonly #paused: boolean;
  #ended: Promise<EndedInjection> | undefined;

  constructor(placed: readonly IoInjection[], { paused }: Terms) {
    this.#placed = placed;
    this.#paused = paused;
  }

  get state(): InjectionState {
    if (this.#placed.some(({ lost }) => lost)) return 'lost';
    if (this.#placed.some(({ deserted }) => deserted)) return 'deserted';
    if (!this.#placed.some((each) => each.isArmed(0))) return 'expired';
    return this.#paused ? 'paused' : 'active';
  }

  async observe(): Promise<Observation> {
    await Promise.all(this.#placed.map((each) => each.count()));
    return this.#observation();
  }

  async update(): Promise<void> {
    throw new OrdealError('ORD-855', 'I/O faults cannot be changed yet');
  }

  end(): Promise<EndedInjection> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #end(): Promise<EndedInjection> {
    await Promise.all(this.#placed.map((each) => each.recover()));
    return { ...this.#observation(), left: this.#placed.flatMap(({ left }) => left) };
  }

  #observation(): Observation {
    const counts = this.#placed.reduce((sum, each) => addCounts(sum, countsOf(each.counts[0])), NO_COUNTS);
    return { state: this.state, counts, sites: [] };
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
