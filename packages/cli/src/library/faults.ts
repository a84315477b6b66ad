import type { FaultsResult } from './results.js';
import { type Documents, RunProcess } from './run-process.js';

/** Whom the faults meet, and how long. */
export interface FaultOptions {
  /** A process and its children. Default: this process. */
  readonly pid?: number;
  /** A cgroup v2 directory and those below it, instead of a process. */
  readonly cgroup?: string;
  /** A running container, by id or name, instead of a process. */
  readonly container?: string;
  /** The faults end after this long, whatever the documents say: `30s`. */
  readonly duration?: string;
}

/** Faults that last until they are lifted, their duration is over, or their target ends. */
export class ArmedFaults {
  readonly #run: RunProcess;
  #lifted: Promise<FaultsResult> | undefined;

  /** @internal */
  constructor(run: RunProcess) {
    this.#run = run;
  }

  /** What happened until about a tenth of a second ago; exact after `lift`. */
  result(): FaultsResult {
    return this.#run.state.result();
  }

  /**
   * Ends the faults. Everything is as before then. A second call returns the same result.
   *
   * @throws FaultsError if they had ended before by themselves, other than by their duration
   */
  lift(): Promise<FaultsResult> {
    this.#lifted ??= this.#run.lift().then(() => this.#run.state.result());
    return this.#lifted;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lift();
  }
}

/**
 * Arms faults. Call `lift` on the result in every case, or declare it with `await using`. Faults that are forgotten keep no
 * process from ending, and end with it.
 *
 * @throws FaultsError; nothing is left of the faults then
 */
export async function armFaults(documents: Documents, options: FaultOptions = {}): Promise<ArmedFaults> {
  const run = new RunProcess(documents, flagsOf(options));
  await run.started();
  return new ArmedFaults(run);
}

/**
 * Runs a function while faults last.
 *
 * @returns what happened, and what the function returned
 * @throws FaultsError if the faults could not be armed or ended too early; what the function throws, when they are lifted
 */
export async function faults<T>(
  documents: Documents,
  body: (armed: ArmedFaults) => T | Promise<T>,
  options: FaultOptions = {},
): Promise<FaultsResult & { readonly value: T }> {
  const armed = await armFaults(documents, options);
  let value: T;
  try {
    value = await body(armed);
  } catch (error) {
    await armed.lift();
    throw error;
  }
  return { ...(await armed.lift()), value };
}

function flagsOf({ pid, cgroup, container, duration }: FaultOptions): string[] {
  const target =
    cgroup !== undefined
      ? ['--cgroup', cgroup]
      : container !== undefined
        ? ['--container', container]
        : ['--pid', String(pid ?? process.pid)];
  const time = duration === undefined ? [] : ['--duration', duration];
  return ['--events', '--interval', '100ms', ...target, ...time];
}
