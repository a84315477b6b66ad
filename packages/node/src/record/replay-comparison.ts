import type { RunEvent } from '../run-event.js';
import type { RecordedFault, Recording } from './read-record.js';

/** Faults of each kind that are named. */
const NAMED = 5;

/** A recorded fault that met another request in the replay. */
export interface ShiftedFault {
  readonly recorded: RecordedFault;
  readonly replayed: RecordedFault;
}

/** How a replay differs from the run that was recorded. */
export interface ReplayResult {
  /** The recorded faults happened at the same numbers, no others did, and the run ended in the same way. */
  readonly same: boolean;
  readonly recorded: number;
  /** Happened again, at the same number. */
  readonly repeated: number;
  /** Of these: at another file, method, offset or size, as happens where threads make requests in another order. */
  readonly shifted: number;
  readonly missing: number;
  readonly extra: number;
  /** The first of each. */
  readonly firstShifted: readonly ShiftedFault[];
  readonly firstMissing: readonly RecordedFault[];
  readonly firstExtra: readonly RecordedFault[];
  readonly kernelFaults: { readonly recorded: number; readonly replayed: number };
  /** Undefined in a record that was cut off, or that knows of no command where the replay has one. */
  readonly recordedExitCode: number | undefined;
  readonly exitCode: number;
  /** Whether faults of the replay have no event, so that some seem to be missing. */
  readonly incomplete: boolean;
}

/** Compares a replay with its record, event by event. */
export class ReplayComparison {
  readonly #recording: Recording;
  /** Recorded and not yet met: several by one number where the target had several volumes. */
  readonly #expected = new Map<string, RecordedFault[]>();
  readonly #shifted: ShiftedFault[] = [];
  readonly #extra: RecordedFault[] = [];
  #repeated = 0;
  #kernelFaults = 0;
  #incomplete = false;
  #hasCommand = false;
  #exitCode: number | undefined;

  constructor(recording: Recording) {
    this.#recording = recording;
    for (const fault of recording.faults) {
      const key = keyOf(fault);
      this.#expected.set(key, [...(this.#expected.get(key) ?? []), fault]);
    }
  }

  hear(event: RunEvent): void {
    if (event.type === 'command-started') this.#hasCommand = true;
    if (event.type === 'io-fault') this.#meet(event);
    if (event.type === 'fault') this.#kernelFaults++;
    if (event.type === 'io-faults-dropped') this.#incomplete = true;
    if (event.type === 'run-ended') this.#exitCode = event.exitCode;
  }

  /** Undefined if the replay failed before its end. */
  get result(): ReplayResult | undefined {
    if (this.#exitCode === undefined) return undefined;
    const { header, faults, kernelFaults, missesFaults } = this.#recording;
    const foreign = this.#hasCommand && header.command === undefined;
    const exitCode = foreign ? undefined : this.#recording.exitCode;
    const missing = [...this.#expected.values()].flat();
    const kernel = { recorded: kernelFaults, replayed: this.#kernelFaults };
    const sameFaults =
      missing.length === 0 &&
      (missesFaults || this.#extra.length === 0) &&
      kernel.recorded === kernel.replayed;
    const sameEnd = exitCode === undefined || exitCode === this.#exitCode;
    return {
      same: sameFaults && sameEnd && !this.#incomplete,
      recorded: faults.length,
      repeated: this.#repeated,
      shifted: this.#shifted.length,
      missing: missing.length,
      extra: this.#extra.length,
      firstShifted: this.#shifted.slice(0, NAMED),
      firstMissing: missing.slice(0, NAMED).map(requestOf),
      firstExtra: this.#extra.slice(0, NAMED),
      kernelFaults: kernel,
      recordedExitCode: exitCode,
      exitCode: this.#exitCode,
      incomplete: this.#incomplete,
    };
  }

  #meet(event: RecordedFault): void {
    const key = keyOf(event);
    const [recorded, ...others] = this.#expected.get(key) ?? [];
    const replayed = requestOf(event);
    if (!recorded) {
      this.#extra.push(replayed);
      return;
    }
    if (others.length > 0) this.#expected.set(key, others);
    else this.#expected.delete(key);
    this.#repeated++;
    if (!isSameRequest(recorded, replayed)) this.#shifted.push({ recorded: requestOf(recorded), replayed });
  }
}

function keyOf({ experiment, match }: RecordedFault): string {
  return `${match} ${experiment}`;
}

function isSameRequest(one: RecordedFault, other: RecordedFault): boolean {
  return (
    one.method === other.method &&
    one.path === other.path &&
    one.offsetBytes === other.offsetBytes &&
    one.sizeBytes === other.sizeBytes
  );
}

function requestOf(fault: RecordedFault): RecordedFault {
  const { experiment, match, method, path, offsetBytes, sizeBytes } = fault;
  return { experiment, match, method, path, offsetBytes, sizeBytes };
}
