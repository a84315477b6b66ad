import { closeSync, constants, openSync } from 'node:fs';
import { OrdealError } from '@ordeal/diagnostics';
import type { IOChaosSpec } from '@ordeal/experiment';
import { type IoFault, IoInjection, type IoRuleRequest } from '@ordeal/io-chaos';
import type { CommandCgroup } from '../command-cgroup.js';
import { KernelWatch } from '../kernel-watch.js';
import type { ArmedSweep, ObservedRun } from './armed-sweep.js';
import { LAUNCHER_NAME, runCaptured } from './captured-command.js';
import { ExpectedRequests } from './expected-requests.js';
import { sweepCgroup } from './sweep-cgroup.js';
import type { SweepRequest } from './sweep-request.js';
import { VolumeCopy } from './volume-copy.js';

/** Bytes of output that are kept of a run, and of one that is shown. */
const KEEP = 16 * 1024;
const KEEP_SHOWN = 1024 * 1024;
/** Milliseconds between two looks at what a run without a fault has requested. */
const LOOK = 20;

/** A command that can be run with one failing I/O request. The volume is covered once for all runs. */
export class ArmedIoSweep implements ArmedSweep {
  readonly #request: SweepRequest;
  readonly #spec: IOChaosSpec;
  readonly #cgroup: CommandCgroup;
  readonly #injection: IoInjection;
  readonly #copy: VolumeCopy | undefined;
  readonly #bare: number;
  readonly #watch = new KernelWatch();
  /** The faults of the current run that were fetched. */
  readonly #faults: IoFault[];
  #counted: readonly IoFault[] = [];
  #expected = new ExpectedRequests([], []);
  #runs = 0;
  #closed = false;

  /**
   * Copies the volume and covers it.
   *
   * @throws OrdealError; then everything is as it was
   */
  static async arm(request: SweepRequest, spec: IOChaosSpec): Promise<ArmedIoSweep> {
    const cgroup = sweepCgroup();
    let bare = -1;
    try {
      // Opened before the cover is there: it leads to the files below it.
      bare = openDirectory(spec.volumePath);
      const copy = copyOf(`/proc/self/fd/${bare}`, request, spec);
      const faults: IoFault[] = [];
      const injection = await IoInjection.arm({
        volumePath: spec.volumePath,
        rules: [{ spec: { ...spec, percent: 0 }, duration: undefined }],
        pid: undefined,
        note: (message) => request.onEvent({ type: 'note', message }),
        onFaults: (batch) => faults.push(...batch.faults),
      });
      return new ArmedIoSweep(request, spec, { cgroup, injection, copy, bare, faults });
    } catch (error) {
      if (bare >= 0) closeSync(bare);
      await cgroup.remove();
      throw error;
    }
  }

  private constructor(
    request: SweepRequest,
    spec: IOChaosSpec,
    held: {
      readonly cgroup: CommandCgroup;
      readonly injection: IoInjection;
      readonly copy: VolumeCopy | undefined;
      readonly bare: number;
      readonly faults: IoFault[];
    },
  ) {
    this.#request = request;
    this.#spec = spec;
    this.#cgroup = held.cgroup;
    this.#injection = held.injection;
    this.#copy = held.copy;
    this.#bare = held.bare;
    this.#faults = held.faults;
  }

  get seesKernelLog(): boolean {
    return this.#watch.able;
  }

  async reset(): Promise<void> {
    this.#copy?.restore();
  }

  async run(nth: number): Promise<ObservedRun> {
    const { command, stdin, limitMs, only, signal } = this.#request;
    this.#faults.length = 0;
    await this.#injection.update([this.#rule(nth)]);
    const counting = nth === 0 ? setInterval(() => void this.#injection.fetchFaults(), LOOK) : undefined;
    const captured = await runCaptured({
      cgroup: this.#cgroup,
      command,
      stdin,
      limitMs,
      keep: only === undefined ? KEEP : KEEP_SHOWN,
      signal,
    });
    clearInterval(counting);
    // Faults are told by the thread that this stops, so that then all are there.
    await this.#injection.update([this.#rule(nth)], true);
    await this.#injection.fetchFaults();
    if (this.#injection.lost) throw new OrdealError('ORD-714', `${this.#spec.volumePath} is no longer held`);
    if (nth === 0) this.#count([...this.#faults]);
    const observed = { captured, findings: this.#watch.look(), matches: this.#faults.length };
    const [fault] = nth === 0 ? [] : this.#faults;
    if (!fault) return { ...observed, fired: false, stack: [], thread: '', inLauncher: false };
    const { method, path, offset, size, caller } = fault;
    const name = this.#expected.nameOf(nth, fault);
    return {
      ...observed,
      fired: true,
      stack: [`${method} ${name}`],
      thread: caller?.command ?? '',
      inLauncher: caller?.command === LAUNCHER_NAME,
      request: {
        method,
        path,
        ...(offset !== undefined && { offset }),
        ...(size !== undefined && { size }),
        shifted: !this.#expected.isExpected(nth, fault),
      },
    };
  }

  /** Gives the volume back as it was at the beginning. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#watch.close();
    if (this.#cgroup.populated) this.#cgroup.kill();
    await this.#injection.recover();
    for (const message of this.#injection.left) this.#request.onEvent({ type: 'note', message });
    try {
      this.#copy?.restore();
    } finally {
      closeSync(this.#bare);
      await this.#cgroup.remove();
    }
  }

  /** Each has a seed of its own: a rule that is the same as before would go on counting. */
  #rule(nth: number): IoRuleRequest {
    const seed = ++this.#runs;
    if (nth === 0) return { spec: { ...this.#spec, seed }, observe: true, duration: undefined };
    return { spec: { ...this.#spec, after: nth - 1, times: 1, seed }, duration: undefined };
  }

  #count(requests: readonly IoFault[]): void {
    this.#expected = new ExpectedRequests(this.#counted, requests);
    const again = this.#counted.length > 0;
    this.#counted = requests;
    if (!again || this.#expected.steady) return;
    const message =
      'two runs without a fault made different requests: a run may fail another one than counted';
    this.#request.onEvent({ type: 'note', message });
  }
}

function openDirectory(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (cause) {
    throw new OrdealError('ORD-310', `${path} is not a directory, which a sweep needs as its volume`, {
      cause,
    });
  }
}

/** Undefined where the volume is too large, and --prepare brings it back. */
function copyOf(root: string, { prepare, onEvent }: SweepRequest, { volumePath }: IOChaosSpec) {
  try {
    return new VolumeCopy(root, volumePath);
  } catch (error) {
    if (prepare === undefined || !(error instanceof OrdealError)) throw error;
    onEvent({ type: 'note', message: `${error.message}: only --prepare brings it back before each run` });
    return undefined;
  }
}
