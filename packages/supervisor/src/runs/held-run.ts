import { OrdealError } from '@ordeal/diagnostics';
import { type FaultBins, FaultHistory, RUN_EXIT, type RunEvent, ScheduleRunner } from '@ordeal/node';
import type { Refusal } from '../engine.js';
import type { Status } from '../status.js';
import type { Supervisor } from '../supervisor.js';
import { appliedOf, deadlineOf, placePart } from './place-run.js';
import type { Placement, RunEntry } from './run-entry.js';
import type { LogEventBody } from './run-log.js';
import { type RunRecord, refuseRecorded } from './run-record.js';
import type { RunPart, RunSpec } from './run-spec.js';
import { type RunEndReason, type RunStatus, stateOf } from './run-status.js';

/** What a run needs from its owner. */
export interface RunHost {
  readonly supervisor: Supervisor;
  /** Returns when it is on disk. @throws OrdealError ORD-852 */
  write(entry: RunEntry): void;
  log(name: string, event: LogEventBody): void;
  changed(run: HeldRun): void;
  /** Called with errors that no caller waits for. */
  failed(error: unknown): void;
}

/** One run: its injections at the supervisor, which are armed now or at the times of its Schedules. */
export class HeldRun {
  readonly #host: RunHost;
  #entry: RunEntry;
  #parts: readonly RunPart[];
  readonly #schedules: ScheduleRunner[] = [];
  #next: number | undefined;
  /** The state of each injection that was logged last. */
  readonly #logged = new Map<string, string>();
  #ending: Promise<RunStatus> | undefined;
  readonly #waiting = new Set<() => void>();
  readonly #history: FaultHistory;
  readonly #record: RunRecord | undefined;

  constructor(entry: RunEntry, parts: readonly RunPart[], host: RunHost, record: RunRecord | undefined) {
    this.#record = record;
    this.#entry = entry;
    this.#parts = parts;
    this.#host = host;
    // What a supervisor that died had counted was not now.
    this.#history = new FaultHistory(Date.now(), this.status.fired);
  }

  get name(): string {
    return this.#entry.spec.name;
  }

  get over(): boolean {
    return this.#entry.last !== undefined;
  }

  /** Whether it is over or about to be. */
  get stopping(): boolean {
    return this.#entry.stopping !== undefined;
  }

  get spec(): RunSpec {
    return this.#entry.spec;
  }

  get placements(): readonly Placement[] {
    return this.#entry.placements;
  }

  get status(): RunStatus {
    if (this.#entry.last) return this.#entry.last;
    const { spec, since, paused, placements, fired, stopping, unrecorded } = this.#entry;
    const injections = placements.flatMap(({ id }) => this.#host.supervisor.status(id) ?? []);
    const live = injections.filter(({ phase }) => phase !== 'ended');
    const refusal = live.find((each) => each.refusal)?.refusal;
    const ends = live.map(({ deadline }) => deadline ?? Number.POSITIVE_INFINITY);
    const deadline = this.#schedules.length > 0 || ends.length === 0 ? undefined : Math.max(...ends);
    return {
      name: spec.name,
      state: stopping ? 'stopping' : stateOf(injections, paused),
      target: spec.target,
      documents: spec.documents,
      since,
      ...(spec.duration !== undefined && { duration: spec.duration }),
      ...(spec.seed !== undefined && { seed: spec.seed }),
      ...(spec.repeat !== undefined && { repeat: spec.repeat }),
      ...(spec.record && { record: spec.record.path }),
      ...(unrecorded && { unrecorded }),
      ...(deadline !== undefined && Number.isFinite(deadline) && { deadline }),
      ...(this.#next !== undefined && { next: this.#next }),
      fired: injections.reduce((sum, { counts }) => sum + counts.fired, fired),
      ...(refusal && { refusal }),
      injections,
    };
  }

  /** Its faults over time; undefined if that of a run that is over was not kept. */
  get history(): FaultBins | undefined {
    return this.over ? this.#entry.history : this.#history.bins;
  }

  /** Applies the desired injections; after a restart, those that the supervisor does not have yet. */
  async begin(type: 'started' | 'taken over'): Promise<void> {
    this.#log(type === 'started' ? { type, ...repeatOf(this.spec) } : { type });
    if (this.#entry.stopping) {
      await this.end(this.#entry.stopping);
      return;
    }
    const unknown = this.placements.filter(({ id }) => this.#host.supervisor.status(id) === undefined);
    await this.#apply(unknown);
    this.#planSchedules();
    for (const { id } of this.placements) this.#heedId(id);
  }

  /** @throws OrdealError ORD-858 if it is being stopped, and errors of pausing */
  async pause(paused: boolean): Promise<RunStatus> {
    this.#refuseStopping();
    if (this.#entry.paused !== paused) {
      refuseRecorded(this.spec, 'paused');
      this.#write({ paused });
      this.#log({ type: paused ? 'paused' : 'resumed' });
      const live = this.placements.filter(({ id }) => this.#statusOf(id)?.phase !== 'ended');
      await this.#apply(live);
    }
    await this.settled();
    return this.status;
  }

  /**
   * Other documents or another duration under the same name. Unchanged documents keep their deadline; the duration of
   * changed ones begins now.
   *
   * @throws OrdealError; nothing has changed then
   */
  async update(spec: RunSpec, parts: readonly RunPart[]): Promise<'updated' | 'unchanged'> {
    this.#refuseStopping();
    const before = new Map(this.#parts.map((part) => [part.key, part]));
    const isSame = ({ key, document, duration, lacksSeed }: RunPart) =>
      before.get(key)?.document === document &&
      before.get(key)?.duration === duration &&
      !(lacksSeed && spec.seed !== this.spec.seed);
    if (parts.length === before.size && parts.every(isSame) && spec.record?.path === this.spec.record?.path)
      return 'unchanged';
    for (const each of [this.spec, spec]) refuseRecorded(each, 'changed');
    let { placed } = this.#entry;
    const placements = parts.flatMap((part): readonly Placement[] => {
      const own = this.placements.filter((placement) => placement.part === part.key);
      if (part.schedule || isSame(part)) return own;
      if (own.length > 0)
        return own.map(({ deadline: _, ...kept }) => ({
          ...kept,
          document: part.document,
          ...deadlineOf(part),
          ...(spec.seed !== undefined && { seed: spec.seed }),
        }));
      const fresh = placePart(part, spec, placed);
      placed += fresh.length;
      return fresh;
    });
    const changed = placements.filter((placement) => !this.placements.includes(placement));
    for (const placement of changed) this.#host.supervisor.check(placement.id, appliedOf(placement));
    const kept = new Set(placements.map(({ id }) => id));
    const gone = this.placements.filter(({ id }) => !kept.has(id));
    this.#parts = parts;
    this.#write({ spec, placements, placed, fired: this.#entry.fired + this.#firedOf(gone) });
    this.#log({ type: 'updated', ...repeatOf(spec) });
    await Promise.all(gone.map(({ id }) => this.#host.supervisor.remove(id)));
    await this.#apply(changed);
    this.#planSchedules();
    await this.settled();
    return 'updated';
  }

  /** Lifts everything and keeps the result. A second call gets the same answer. */
  end(reason: RunEndReason): Promise<RunStatus> {
    this.#ending ??= this.#end(reason).catch((error) => {
      // The caller may try again.
      this.#ending = undefined;
      throw error;
    });
    return this.#ending;
  }

  /** Stops the work of this process on it; the next process continues. */
  leave(): void {
    for (const schedule of this.#schedules.splice(0)) schedule.stop();
  }

  /** Afterwards the next supervisor writes it. */
  leaveRecord(): void {
    this.#record?.leave();
  }

  /** Records an event of its faults. */
  hear(event: RunEvent): void {
    if (!this.#record || this.#entry.unrecorded) return;
    try {
      this.#record.hear(event);
    } catch (error) {
      if (!(error instanceof OrdealError)) throw error;
      this.#loseRecord(refusalOf(error));
    }
  }

  /** The faults go on without it. */
  #loseRecord(unrecorded: Refusal): void {
    this.#entry = { ...this.#entry, unrecorded };
    this.#log({ type: 'unrecorded', refusal: unrecorded });
    try {
      this.#write({ unrecorded });
    } catch (error) {
      this.#host.failed(error);
    }
    this.#tell();
  }

  /** Records the status of an injection. */
  heed(status: Status): void {
    const { id, phase, refusal } = status;
    const told = JSON.stringify([phase, refusal?.code, refusal?.message]);
    if (this.#logged.get(id) !== told && phase !== 'pending') {
      this.#logged.set(id, told);
      this.#log({ type: 'injection', status });
    }
    if (phase === 'ended') this.#heedEnd(status).catch((error) => this.#host.failed(error));
    this.#tell();
  }

  /** Resolves when each injection is armed, paused, refused or waiting for its target. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (this.#entry.stopping === undefined && !this.status.injections.every(isSettled)) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  #heedId(id: string): void {
    const status = this.#statusOf(id);
    if (status) this.heed(status);
  }

  async #heedEnd({ id, ended }: Status): Promise<void> {
    if (this.#entry.stopping) return;
    if (ended === 'kernel log') {
      await this.end('kernel log');
      return;
    }
    const part = this.placements.find((placement) => placement.id === id)?.part;
    if (this.#parts.some(({ key, schedule }) => key === part && schedule)) await this.#forget(id);
    if (this.#schedules.length > 0) return;
    const reasons = this.placements.map((placement) => {
      const status = this.#statusOf(placement.id);
      return status?.phase === 'ended' ? status.ended : undefined;
    });
    if (reasons.includes(undefined)) return;
    await this.end(reasons.every((reason) => reason === 'target ended') ? 'target ended' : 'deadline');
  }

  /** One that a Schedule started is over: only its faults are remembered. */
  async #forget(id: string): Promise<void> {
    const over = this.placements.filter((placement) => placement.id === id);
    const placements = this.placements.filter((placement) => placement.id !== id);
    this.#write({ placements, fired: this.#entry.fired + this.#firedOf(over) });
    this.#logged.delete(id);
    await this.#host.supervisor.remove(id);
  }

  async #end(reason: RunEndReason): Promise<RunStatus> {
    if (this.#entry.last) return this.#entry.last;
    this.leave();
    this.#write({ stopping: reason });
    if (reason === 'stopped') this.#log({ type: 'stopping' });
    this.#tell();
    const before = this.status;
    const removed = await Promise.all(this.placements.map(({ id }) => this.#host.supervisor.remove(id)));
    const injections = removed.flatMap((status): Status[] => (status ? [{ ...status, phase: 'ended' }] : []));
    const at = Date.now();
    const early = injections.some(
      ({ ended, deadline }) =>
        ended === 'kernel log' || (ended === 'target ended' && deadline !== undefined && at < deadline),
    );
    const fired = this.#entry.fired + injections.reduce((sum, { counts }) => sum + counts.fired, 0);
    const ended = { reason, at, early };
    const cut = reason === 'stopped' && injections.some(({ deadline = 0 }) => at < deadline);
    const exitCode = early || cut ? RUN_EXIT.endedEarly : RUN_EXIT.ok;
    const endedEarly = exitCode !== RUN_EXIT.ok;
    const faults = BigInt(fired);
    this.hear({ type: 'run-ended', at: new Date(at).toISOString(), exitCode, faults, endedEarly });
    const { unrecorded } = this.#entry;
    const last: RunStatus = {
      ...before,
      ...(unrecorded && { unrecorded }),
      state: 'ended',
      fired,
      injections,
      ended,
    };
    this.#history.note(at, fired);
    this.#write({ placements: [], last, history: this.#history.bins });
    this.#log({ type: 'ended', reason, early, fired });
    this.#tell();
    return last;
  }

  async #apply(placements: readonly Placement[]): Promise<void> {
    const { paused } = this.#entry;
    for (const placement of placements)
      await this.#host.supervisor.apply(placement.id, { ...appliedOf(placement), paused });
  }

  #planSchedules(): void {
    this.leave();
    this.#next = undefined;
    for (const part of this.#parts) {
      const { schedule } = part;
      if (!schedule) continue;
      const runner = new ScheduleRunner(
        schedule,
        (event) => {
          if (event.type !== 'scheduled') return;
          this.#next = Date.parse(event.next);
          this.#log({ type: 'scheduled', experiment: part.name, next: event.next });
          this.#tell();
        },
        () => void this.#fire(part).catch((error) => this.#host.failed(error)),
      );
      this.#schedules.push(runner);
    }
  }

  /** A start of a Schedule is due. */
  async #fire(part: RunPart): Promise<void> {
    const { paused, placed } = this.#entry;
    const busy = this.placements.some((placement) => placement.part === part.key);
    // Only one of them at a time can use a volume, whatever the policy.
    const alone =
      part.schedule?.spec.concurrencyPolicy === 'Forbid' || part.schedule?.spec.type === 'IOChaos';
    if (paused || (alone && busy)) {
      this.#log({ type: 'skipped', experiment: part.name });
      return;
    }
    try {
      const fresh = placePart(part, this.spec, placed);
      this.#write({ placements: [...this.placements, ...fresh], placed: placed + fresh.length });
      await this.#apply(fresh);
    } catch (error) {
      if (!(error instanceof OrdealError)) throw error;
      this.#log({ type: 'skipped', experiment: part.name, refusal: refusalOf(error) });
    }
  }

  #write(change: Partial<RunEntry>): void {
    const entry = { ...this.#entry, ...change };
    this.#host.write(entry);
    this.#entry = entry;
  }

  #log(event: LogEventBody): void {
    this.#host.log(this.name, event);
  }

  #tell(): void {
    for (const look of this.#waiting) look();
    if (!this.over) this.#history.note(Date.now(), this.status.fired);
    this.#host.changed(this);
  }

  #statusOf(id: string): Status | undefined {
    return this.#host.supervisor.status(id);
  }

  #firedOf(placements: readonly Placement[]): number {
    return placements.reduce((sum, { id }) => sum + (this.#statusOf(id)?.counts.fired ?? 0), 0);
  }

  #refuseStopping(): void {
    if (!this.#entry.stopping) return;
    const what = this.over ? 'has ended' : 'is being stopped';
    throw new OrdealError('ORD-858', `The run ${this.name} ${what}`);
  }
}

function repeatOf({ repeat, seed, record }: RunSpec) {
  return {
    ...(repeat !== undefined && { repeat }),
    ...(seed !== undefined && { seed }),
    ...(record && { record: record.path }),
  };
}

function refusalOf({ code, message }: OrdealError): Refusal {
  return { code, message };
}

function isSettled({ phase, refusal, outdated }: Status): boolean {
  if (refusal || phase === 'ended' || phase === 'waiting') return true;
  return phase !== 'pending' && !outdated;
}
