import { FaultsError } from './faults-error.js';
import type { ExperimentFaults, FaultsResult, IoFault, KernelFault } from './results.js';
import type { RunLine } from './run-events.js';

/** What may end faults: their time, or `lift`. */
const AS_ASKED = new Set(['duration', 'interrupted']);

/** What the lines of a run say, added up. */
export class RunState {
  /** Everything that starts at once is armed. */
  started = false;
  /** The run has come to its end, well or not. */
  ended = false;
  /** What made the run fail, if anything. */
  failure: FaultsError | undefined;
  readonly #experiments = new Map<string, ExperimentFaults>();
  readonly #io: IoFault[] = [];
  readonly #kernel: KernelFault[] = [];

  hear(line: RunLine): void {
    switch (line.type) {
      case 'run-started':
        this.started = true;
        return;
      case 'lifted':
        if (!AS_ASKED.has(line.reason))
          this.failure ??= new FaultsError(
            `The faults of ${line.experiment} ended too early: ${line.reason}`,
          );
        this.#experiments.set(line.experiment, experimentFaults(line));
        return;
      case 'counters':
        this.#experiments.set(line.experiment, experimentFaults(line));
        return;
      case 'io-fault':
        this.#io.push(ioFault(line));
        return;
      case 'fault':
        this.#kernel.push({ experiment: line.experiment, process: line.process, thread: line.thread });
        return;
      case 'problems':
        // Warnings come before the run; only errors end it.
        if (line.problems.some(({ severity }) => severity === 'error'))
          this.failure = FaultsError.ofProblems(line.problems);
        return;
      case 'error':
        this.failure = new FaultsError(`${line.message}. ${line.next}`, line.code);
        return;
      case 'run-ended':
        this.ended = true;
    }
  }

  /** @returns a copy of what is known now */
  result(): FaultsResult {
    const experiments = [...this.#experiments.values()];
    const sum = (of: 'reached' | 'fired') => experiments.reduce((total, each) => total + each[of], 0);
    return {
      reached: sum('reached'),
      fired: sum('fired'),
      experiments,
      io: [...this.#io],
      kernel: [...this.#kernel],
    };
  }
}

type CountsLine = Extract<RunLine, { readonly type: 'counters' | 'lifted' }>;

function experimentFaults(line: CountsLine): ExperimentFaults {
  const { experiment, counters, methods = [] } = line;
  const { seed, whyNot } = line.type === 'lifted' ? line : {};
  const { reached, fired } = counters;
  return {
    name: experiment,
    reached,
    fired,
    methods: methods.map(({ method, reached, fired }) => ({ method, reached, fired })),
    seed,
    whyNot,
  };
}

function ioFault(line: Extract<RunLine, { readonly type: 'io-fault' }>): IoFault {
  const { experiment, match, action, method, path } = line;
  const { offsetBytes, sizeBytes, process, errno, delayMs, damagedBytes } = line;
  return {
    experiment,
    match,
    action,
    method,
    path,
    offsetBytes,
    sizeBytes,
    process,
    errno,
    delayMs,
    damagedBytes,
  };
}
