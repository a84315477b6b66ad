/** A stage of a kernel build, in order. */
export type BuildStage = 'unpack' | 'configure' | 'compile' | 'link' | 'types' | 'install';

/** The share of each stage, in units of one compiled object (measured). */
const WEIGHT = { unpack: 40, configure: 10, link: 45, types: 75, install: 5 } as const;
/** Below this share an estimate of the rest is unreliable. */
const SHOW_FROM = 0.04;

export interface Estimate {
  readonly fraction: number;
  readonly etaSeconds?: number;
}

/** Follows a kernel build by the output of `make` and estimates how much is left. */
export class BuildEstimate {
  readonly #objects: number;
  readonly #startedMs: number;
  readonly #startFraction: number;
  #compiled: number;
  #stage: BuildStage;

  /**
   * @param objects how many a full build compiles
   * @param compiledBefore how many the continued earlier attempt has compiled
   */
  constructor(objects: number, nowMs: number, compiledBefore = 0) {
    this.#objects = objects;
    this.#compiled = Math.min(compiledBefore, objects);
    this.#stage = compiledBefore > 0 ? 'configure' : 'unpack';
    this.#startedMs = nowMs;
    this.#startFraction = this.#fraction();
  }

  get stage(): BuildStage {
    return this.#stage;
  }

  /** A stage begins that `make` does not announce. */
  enter(stage: BuildStage): void {
    this.#stage = stage;
  }

  /** One line of the output of `make`. */
  take(line: string): void {
    if (isCompiledObject(line)) {
      this.#compiled++;
      if (this.#stage === 'configure') this.#stage = 'compile';
    } else if (/^\s+LD\s+vmlinux\.o$/.test(line)) this.#stage = 'link';
    else if (/^\s+(BTF\s|LD\s+\.tmp_vmlinux)/.test(line)) this.#stage = 'types';
  }

  estimate(nowMs: number): Estimate {
    const fraction = this.#fraction();
    const done = fraction - this.#startFraction;
    if (done < SHOW_FROM) return { fraction };
    const elapsed = (nowMs - this.#startedMs) / 1000;
    return { fraction, etaSeconds: Math.round((elapsed / done) * (1 - fraction)) };
  }

  #fraction(): number {
    const total = this.#objects + Object.values(WEIGHT).reduce((sum, weight) => sum + weight, 0);
    const objects = Math.min(this.#compiled, this.#objects);
    const before: Record<BuildStage, number> = {
      unpack: 0,
      configure: WEIGHT.unpack + objects,
      compile: WEIGHT.unpack + WEIGHT.configure + objects,
      link: total - WEIGHT.install - WEIGHT.types - WEIGHT.link,
      types: total - WEIGHT.install - WEIGHT.types,
      install: total - WEIGHT.install,
    };
    return before[this.#stage] / total;
  }
}

/** Whether `make` reports that it compiles an object of the kernel (not of its own tools). */
export function isCompiledObject(line: string): boolean {
  return /^\s+(CC|AS)\s/.test(line);
}
