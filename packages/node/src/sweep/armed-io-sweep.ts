import { closeSync, constants, openSync } from 'node:fs';
import { OrdealError } from '@ordeal/diagnostics';
import { type IoFault, IoInjection } from '@ordeal/io-chaos';
import { type Fd, keepCpusAwake } from '@ordeal/linux';
import type { CommandCgroup } from '../command-cgroup.js';
import type { ArmedSweep, ObservedRun } from './armed-sweep.js';
import { type Captured, KEEP, KEEP_SHOWN, LAUNCHER_NAME, runCaptured } from './captured-command.js';
import { ExpectedRequests } from './expected-requests.js';
import { sweepCgroup } from './sweep-cgroup.js';
import type { SweepNote } from './sweep-note.js';
import type { IoSweep, SweepRequest } from './sweep-request.js';
import { countingRules, cutPointOf, idleRules, rulesOfRun } from './swept-rules.js';
import { VolumeCopy } from './volume-copy.js';

/** Milliseconds between two looks at what a run without a fault has requested. */
const LOOK = 20;
/** Milliseconds after which rules are sent again: what held up this process may have let their lease expire. */
const FRESH = 1_000;
/** Requests that the kernel sends without waiting for an answer. */
const UNAWAITED: readonly string[] = ['release', 'releasedir'];

/** What is held for all runs. */
interface Held {
  readonly cgroup: CommandCgroup;
  readonly injection: IoInjection;
  readonly copy: VolumeCopy | undefined;
  /** A descriptor of the volume below its cover. */
  readonly bare: number;
  readonly current: CurrentRun;
  /** Keeps idle CPUs awake: each request of the command wakes the server, and each answer the command. */
  readonly awake: Fd | undefined;
}

/** What is reported of the current run. */
interface CurrentRun {
  readonly faults: IoFault[];
  dropped: number;
  /** Aborted when the volume halts. */
  halted: AbortController;
}

/** A command that can be run with one failing I/O request, or one power cut. The volume is covered once for all runs. */
export class ArmedIoSweep implements ArmedSweep {
  readonly #request: SweepRequest;
  readonly #sweep: IoSweep;
  readonly #held: Held;
  #counted: readonly IoFault[] | undefined;
  #expected = new ExpectedRequests([], []);
  /** The run whose rules are there already, and since when. */
  #placed: { readonly run: number; readonly at: number } | undefined;
  #closed = false;

  /**
   * Copies the volume and covers it.
   *
   * @throws OrdealError; then everything is as it was
   */
  static async arm(request: SweepRequest, sweep: IoSweep): Promise<ArmedIoSweep> {
    const { volumePath } = sweep.spec;
    const cgroup = sweepCgroup();
    let bare = -1;
    try {
      // Opened before the cover is there: it leads to the files below it.
      bare = openDirectory(volumePath);
      const copy = copyOf(`/proc/self/fd/${bare}`, request, volumePath);
      const current: CurrentRun = { faults: [], dropped: 0, halted: new AbortController() };
      const injection = await IoInjection.arm({
        keeper: request.keeper,
        volumePath,
        rules: idleRules(sweep),
        pid: undefined,
        note: (message) => request.onEvent({ type: 'note', note: { kind: 'keeper', message } }),
        onFaults: ({ faults, dropped = 0 }) => {
          current.faults.push(...faults);
          current.dropped += dropped;
        },
        onHalt: () => current.halted.abort(),
      });
      return new ArmedIoSweep(request, sweep, {
        cgroup,
        injection,
        copy,
        bare,
        current,
        awake: keepCpusAwake(),
      });
    } catch (error) {
      if (bare >= 0) closeSync(bare);
      await cgroup.remove();
      throw error;
    }
  }

  private constructor(request: SweepRequest, sweep: IoSweep, held: Held) {
    this.#request = request;
    this.#sweep = sweep;
    this.#held = held;
  }

  /** No request fails in the kernel: its messages are not about this. */
  readonly seesKernelLog = true;

  async reset(): Promise<void> {
    this.#held.copy?.restore();
  }

  async run(nth: number): Promise<ObservedRun> {
    const { injection, current } = this.#held;
    current.halted = new AbortController();
    if (nth === 0) await injection.update(countingRules(this.#sweep));
    else if (!this.#isPlaced(nth)) await injection.update(rulesOfRun(this.#sweep, nth));
    current.faults.length = 0;
    const counting = nth === 0 ? setInterval(() => void injection.fetchFaults(), LOOK) : undefined;
    const captured = await this.#execute();
    clearInterval(counting);
    const cut = nth > 0 && this.#cuts ? await this.#cut(nth, captured) : undefined;
    await this.#placeNext(nth);
    if (injection.lost) throw new OrdealError('ORD-714', `${this.#sweep.spec.volumePath} is no longer held`);
    const observed = { captured, findings: [] };
    if (nth === 0) return { ...observed, matches: this.#count(), ...NO_FAULT };
    if (this.#cuts && !cut) return { ...observed, matches: 0, ...NO_FAULT };
    const [fault] = current.faults;
    if (!fault)
      return cut
        ? { ...observed, ...NO_FAULT, matches: 0, fired: true, stack: ['after the end'], cut }
        : { ...observed, matches: 0, ...NO_FAULT };
    return { ...observed, matches: fault.match, ...this.#describe(fault), ...(cut && { cut }) };
  }

  /**
   * Ends the rules of a run, and gets its faults. Where nothing happens in the volume before the next run, the rules of that one
   * take their place: one exchange with the keeper instead of two.
   */
  async #placeNext(nth: number): Promise<void> {
    const { injection } = this.#held;
    this.#placed = nth > 0 && this.#isStillBetweenRuns ? { run: nth + 1, at: performance.now() } : undefined;
    if (this.#placed) await injection.update(rulesOfRun(this.#sweep, this.#placed.run));
    else await injection.update(idleRules(this.#sweep), true);
  }

  /** With one fault a run, no step beside the runs, and no request that may come after its caller has ended. */
  get #isStillBetweenRuns(): boolean {
    const { prepare, check } = this.#request;
    const { spec, from } = this.#sweep;
    if (this.#cuts || from || prepare !== undefined || check !== undefined) return false;
    return spec.methods.length > 0 && !spec.methods.some((method) => UNAWAITED.includes(method));
  }

  #isPlaced(nth: number): boolean {
    return this.#placed?.run === nth && performance.now() - this.#placed.at < FRESH;
  }

  get #cuts(): boolean {
    return this.#sweep.spec.action === 'powerLoss';
  }

  async #execute(): Promise<Captured> {
    const { command, stdin, limitMs, only, signal } = this.#request;
    const { cgroup, current } = this.#held;
    return await runCaptured({
      cgroup,
      command,
      stdin,
      limitMs,
      keep: only === undefined && !this.#cuts ? KEEP : KEEP_SHOWN,
      signal: AbortSignal.any([signal, current.halted.signal]),
    });
  }

  /** Before the change of this run, or after the last one. @returns undefined where the command made fewer changes */
  async #cut(nth: number, { exit }: Captured): Promise<ObservedRun['cut']> {
    const { injection } = this.#held;
    const { change, seed } = cutPointOf(this.#sweep, nth);
    const before = changesOf(injection);
    const { files, entries, failed } = await injection.cutPower({ seed });
    const changes = changesOf(injection) - before;
    for (const what of failed) this.#tell({ kind: 'cut failed', run: nth, what });
    const ended = changes < change;
    if (changes < change - 1 || (ended && exit.kind === 'limit')) return undefined;
    return { ended, seed, files, entries };
  }

  #describe(fault: IoFault) {
    const { method, path, offset, size, caller, match } = fault;
    const name = `${method} ${this.#expected.nameOf(match, fault)}`;
    return {
      fired: true,
      stack: [this.#cuts ? `before ${name}` : name],
      thread: caller?.command ?? '',
      inLauncher: caller?.command === LAUNCHER_NAME,
      request: {
        method,
        path,
        ...(offset !== undefined && { offset }),
        ...(size !== undefined && { size }),
        shifted: !this.#expected.isExpected(match, fault),
      },
    };
  }

  /** @returns how many runs it takes */
  #count(): number {
    const { current } = this.#held;
    const requests = [...current.faults];
    this.#expected = new ExpectedRequests(this.#counted ?? requests, requests);
    if (this.#counted && !this.#expected.steady) {
      this.#tell({ kind: 'unsteady requests' });
    }
    this.#counted = requests;
    const matches = requests.length + current.dropped;
    return this.#cuts ? (matches + 1) * this.#sweep.states : matches;
  }

  #tell(note: SweepNote): void {
    this.#request.onEvent({ type: 'note', note });
  }

  /** Gives the volume back as it was at the beginning. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const { cgroup, injection, copy, bare, awake } = this.#held;
    awake?.close();
    if (cgroup.populated) cgroup.kill();
    await injection.recover();
    for (const what of injection.left) this.#tell({ kind: 'not moved back', what });
    try {
      copy?.restore();
    } finally {
      closeSync(bare);
      await cgroup.remove();
    }
  }
}

const NO_FAULT = { fired: false, stack: [], thread: '', inLauncher: false } as const;

/** How many changes were requested under the rule that halts the volume. */
function changesOf({ counts }: IoInjection): number {
  return (counts[1] ?? []).reduce((sum, { reached }) => sum + reached, 0);
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
function copyOf(root: string, { prepare, onEvent }: SweepRequest, volumePath: string) {
  try {
    return new VolumeCopy(root, volumePath);
  } catch (error) {
    if (prepare === undefined || !(error instanceof OrdealError)) throw error;
    onEvent({ type: 'note', note: { kind: 'not copied', reason: error.message } });
    return undefined;
  }
}
