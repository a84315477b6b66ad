import { join } from 'node:path';
import { nearestNames, OrdealError } from '@ordeal/diagnostics';
import { drawSeed, type RunEvent } from '@ordeal/node';
import { Journal } from '../journal.js';
import { Supervisor } from '../supervisor.js';
import { HeldRun, type RunHost } from './held-run.js';
import { appliedOf, pinRunTarget, placePart, requireSameTarget } from './place-run.js';
import { type Placement, RUNS, type RunEntry } from './run-entry.js';
import { type LogEvent, RunLog } from './run-log.js';
import { RunRecord, requireOwnRecord } from './run-record.js';
import { checkRunName, partsOf, type RunPart, type RunSpec } from './run-spec.js';
import type { RunStatus, RunWithHistory } from './run-status.js';

/** Runs that have ended and are remembered. */
const REMEMBERED = 20;

/** The messages to a client that watches a run. */
export type RunNews =
  | { readonly type: 'event'; readonly event: LogEvent }
  | { readonly type: 'status'; readonly run: RunStatus };

export interface Started {
  readonly outcome: 'started' | 'updated' | 'unchanged';
  readonly run: RunStatus;
}

/**
 * The detached runs of this machine, each under its name: in a journal of their own beside that of
 * the supervisor that holds their injections.
 */
export class DetachedRuns {
  readonly #supervisor: Supervisor;
  readonly #directory: string;
  readonly #journal: Journal<RunEntry>;
  readonly #runs = new Map<string, HeldRun>();
  readonly #watchers = new Map<string, Set<(news: RunNews) => void>>();
  readonly #host: RunHost;

  /**
   * Continues the runs of the previous supervisor.
   *
   * @param directory the run directory, with both journals
   * @param failed called with errors that no client waits for
   * @throws OrdealError ORD-851 if another process holds them, ORD-852
   */
  static async open(directory: string, failed: (error: unknown) => void): Promise<DetachedRuns> {
    let runs: DetachedRuns | undefined;
    const supervisor = await Supervisor.open(directory, {
      hear: (id, event) => {
        if (runs) runs.#hear(id, event);
      },
    });
    try {
      // Before anything can be heard.
      runs = new DetachedRuns(supervisor, join(directory, 'runs'), failed);
      await runs.#goOn();
      return runs;
    } catch (error) {
      await supervisor.close();
      throw error;
    }
  }

  private constructor(supervisor: Supervisor, directory: string, failed: (error: unknown) => void) {
    this.#supervisor = supervisor;
    this.#directory = directory;
    this.#journal = new Journal(directory, RUNS);
    this.#host = {
      supervisor,
      write: (entry) => this.#journal.write(entry),
      log: (name, body) => {
        const event = { at: new Date().toISOString(), ...body };
        this.#logOf(name).append(event);
        this.#tell(name, { type: 'event', event });
      },
      changed: (run) => this.#tell(run.name, { type: 'status', run: run.status }),
      failed,
    };
  }

  /** Whether any run is not over. */
  get busy(): boolean {
    return [...this.#runs.values()].some(({ over }) => !over);
  }

  /** All current runs, and the last that have ended, in the order of their start. */
  list(): RunStatus[] {
    return [...this.#runs.values()].map(({ status }) => status).sort((a, b) => a.since - b.since);
  }

  /** The same with their faults over time. */
  listWithHistory(): RunWithHistory[] {
    return this.list().map((run) => {
      const history = this.#runs.get(run.name)?.history;
      return history ? { ...run, history } : run;
    });
  }

  /**
   * Adds a run, and returns when everything that starts now is armed. If the name is in use, that run is changed.
   *
   * @throws ProblemsError, UnsupportedError, OrdealError; no run is added then
   */
  async start(wanted: RunSpec): Promise<Started> {
    checkRunName(wanted.name);
    const held = this.#runs.get(wanted.name);
    const parts = partsOf(wanted);
    const drawn = held && !held.over ? held.spec.seed : undefined;
    const spec = withSeed({ ...wanted, target: pinRunTarget(wanted.target) }, parts, drawn);
    if (held && !held.over) {
      requireSameTarget(spec.name, held.spec.target, spec.target);
      const outcome = await held.update({ ...spec, target: held.spec.target }, parts);
      await held.settled();
      if (held.stopping) throw new OrdealError('ORD-858', `The run ${spec.name} was ended`);
      refuse(
        held,
        `${spec.name} stays in the list and will be retried: see ordeal ps, or ordeal stop ${spec.name}.`,
      );
      return { outcome, run: held.status };
    }
    const run = await this.#hold(spec, parts);
    await run.settled();
    try {
      refuse(run);
    } catch (error) {
      await run.end('stopped');
      this.#forget(run);
      throw error;
    }
    return { outcome: 'started', run: run.status };
  }

  /** @throws OrdealError ORD-856, ORD-858 */
  pause(name: string, paused: boolean): Promise<RunStatus> {
    return this.#named(name).pause(paused);
  }

  /** Returns when the faults are gone. One that has ended stays so. @throws OrdealError ORD-856 */
  stop(name: string): Promise<RunStatus> {
    return this.#named(name).end('stopped');
  }

  /** What happened to a run since its start, oldest first. @throws OrdealError ORD-856 */
  log(name: string): LogEvent[] {
    return this.#logOf(this.#named(name).name).read();
  }

  /**
   * Reports the status of a run now and after each change, and its events.
   *
   * @returns a function that stops that
   * @throws OrdealError ORD-856
   */
  watch(name: string, listener: (news: RunNews) => void): () => void {
    const run = this.#named(name);
    const watchers = this.#watchers.get(name) ?? new Set();
    this.#watchers.set(name, watchers.add(listener));
    listener({ type: 'status', run: run.status });
    return () => watchers.delete(listener);
  }

  /** Lifts all faults, and leaves the runs to the next process. */
  async close(): Promise<void> {
    for (const run of this.#runs.values()) run.leave();
    await this.#supervisor.close();
    for (const run of this.#runs.values()) run.leaveRecord();
    this.#journal.close();
  }

  async #hold(spec: RunSpec, parts: readonly RunPart[]): Promise<HeldRun> {
    const placements: Placement[] = [];
    for (const part of parts) {
      // The targets of a Schedule are searched at each start.
      if (part.schedule && spec.target.kind === 'selector') continue;
      const placed = placePart(part, spec, placements.length);
      for (const placement of placed) this.#check(placement);
      if (!part.schedule) placements.push(...placed);
    }
    const placed = placements.length;
    const entry = { spec, since: Date.now(), paused: false, placements, placed, fired: 0 };
    requireOwnRecord(
      spec,
      [...this.#runs.values()].filter(({ over }) => !over).map((run) => run.spec),
    );
    const record = RunRecord.begin(spec);
    this.#logOf(spec.name).remove();
    this.#journal.write(entry);
    const run = new HeldRun(entry, parts, this.#host, record);
    this.#runs.set(spec.name, run);
    await run.begin('started');
    this.#forgetOldest();
    return run;
  }

  #check(placement: Placement): void {
    const [refusal] = this.#supervisor.check(placement.id, appliedOf(placement));
    if (refusal) throw new OrdealError(refusal.code, refusal.message);
  }

  async #goOn(): Promise<void> {
    for (const entry of this.#journal.read()) {
      try {
        const { spec } = entry;
        this.#runs.set(spec.name, new HeldRun(entry, partsOf(spec), this.#host, RunRecord.after(spec)));
      } catch (error) {
        if (!(error instanceof OrdealError)) throw error;
        this.#journal.putAside(entry.spec.name);
      }
    }
    await this.#removeStrays();
    this.#supervisor.watch((status) => this.#runs.get(runOf(status.id))?.heed(status));
    for (const run of this.#runs.values()) {
      if (run.over) continue;
      run.begin('taken over').catch(this.#host.failed);
    }
  }

  #hear(id: string, event: RunEvent): void {
    this.#runs.get(runOf(id))?.hear(event);
  }

  /** Injections that belong to no run: theirs was ended or set aside. */
  async #removeStrays(): Promise<void> {
    const known = new Set(
      [...this.#runs.values()].flatMap(({ placements }) => placements.map(({ id }) => id)),
    );
    const strays = this.#supervisor.list().filter(({ id }) => !known.has(id));
    await Promise.all(strays.map(({ id }) => this.#supervisor.remove(id)));
  }

  #named(name: string): HeldRun {
    const run = this.#runs.get(name);
    if (run) return run;
    const near = nearestNames(name, this.#runs.keys());
    throw new OrdealError(
      'ORD-856',
      `No run is called '${name}'`,
      near.length > 0 ? { hint: `Did you mean ${near.join(', ')}?` } : {},
    );
  }

  #forgetOldest(): void {
    const over = [...this.#runs.values()].filter((run) => run.over);
    const oldestFirst = over.sort((a, b) => a.status.since - b.status.since);
    for (const run of oldestFirst.slice(0, -REMEMBERED)) this.#forget(run);
  }

  #forget({ name }: HeldRun): void {
    this.#runs.delete(name);
    this.#watchers.delete(name);
    this.#journal.remove(name);
    this.#logOf(name).remove();
  }

  #logOf(name: string): RunLog {
    return new RunLog(join(this.#directory, `${name}.log`));
  }

  #tell(name: string, news: RunNews): void {
    for (const listener of this.#watchers.get(name) ?? []) listener(news);
  }
}

/** With a seed, if something random needs one: that which the run has already, or another one. */
function withSeed(spec: RunSpec, parts: readonly RunPart[], known: number | undefined): RunSpec {
  if (spec.seed !== undefined || !parts.some(({ lacksSeed }) => lacksSeed)) return spec;
  return { ...spec, seed: known ?? drawSeed() };
}

/** @throws OrdealError why a run cannot be armed */
function refuse({ status: { refusal } }: HeldRun, hint?: string): void {
  if (refusal) throw new OrdealError(refusal.code, refusal.message, hint === undefined ? {} : { hint });
}

/** The name of the run that an injection belongs to. */
function runOf(id: string): string {
  return id.slice(0, id.lastIndexOf('/'));
}
