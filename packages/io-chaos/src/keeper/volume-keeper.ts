import type { Server } from 'node:net';
import { OrdealError } from '@ordeal/diagnostics';
import { DeadlineTimer } from '@ordeal/linux';
import type { MoveReport } from '@ordeal/move';
import type { RuleCounts } from '../method-counts.js';
import { hasEnded } from '../volume/mount-namespace.js';
import type { KeeperCommand, KeeperNews, KeeperTask } from './keeper-message.js';
import { listenForOwners, type OwnerPeer } from './keeper-socket.js';
import { millisecondsOf } from './owner-task.js';
import type { ReadyPrograms } from './ready-programs.js';
import type { EndedRules } from './volume-groups.js';
import { type KeptEnd, VolumeInjection } from './volume-injection.js';
import { type Owner, VolumeOwners } from './volume-owners.js';

/** Milliseconds after the end of the faults in which a live owner has recovered. */
const GRACE = 5_000;
/** Milliseconds that the faults of a dead owner are held for a process with its claim. */
const CLAIM_TIME = 300_000;
/** Milliseconds that the owners wait for the last file to be closed. */
const LAST_CLOSE = 3_000;

/** Of an owner without rules, or whose server has died before it counted. */
const NOTHING: EndedRules = { counts: [], batch: undefined };

type Command<Kind extends KeeperCommand['kind']> = KeeperCommand & { readonly kind: Kind };

/**
 * Holds one volume for its owners. Each has its own faults, which begin and end independently; when the last owner
 * leaves, or the server dies, the volume is restored.
 */
export class VolumeKeeper {
  readonly #runDirectory: string;
  readonly #leave: () => void;
  readonly #programs: ReadyPrograms;
  readonly #owners = new VolumeOwners();
  /** The owners that are notified of the end. */
  #last: readonly Owner[] = [];
  #injection: VolumeInjection | undefined;
  #arming: Promise<void> | undefined;
  #socket: Server | undefined;
  #over: Promise<void> | undefined;

  /** @param leave called when everything is restored, all owners have been notified, and no peer is connected any more */
  constructor(runDirectory: string, programs: ReadyPrograms, leave: () => void) {
    this.#runDirectory = runDirectory;
    this.#programs = programs;
    this.#leave = leave;
  }

  /**
   * Handles the messages of an owner. The first one that arms takes the volume, the others join it.
   *
   * @returns what to call when it is known to be alive without a message of its own
   */
  accept(peer: OwnerPeer): { renew(): void } {
    const owner = this.#owners.add(peer);
    peer.listen(
      (command) => this.#hear(owner, command),
      () => this.#disconnected(owner),
    );
    return { renew: () => this.#injection?.renew(owner.group) };
  }

  /** Restores the volume, and notifies its owners of the reason. */
  lose(reason: string): void {
    this.#tellAll({ kind: 'lost', reason });
    void this.#recover(this.#owners.all);
  }

  #hear(owner: Owner, command: KeeperCommand): void {
    if (command.kind === 'arm') void this.#arm(owner, command);
    else if (command.kind === 'take') void this.#take(owner, command);
    else if (command.kind === 'claims') this.#tellClaims(owner, command);
    else if (command.kind === 'update') void this.#update(owner, command);
    else if (command.kind === 'count') void this.#count(owner, command);
    else if (command.kind === 'fetch') void this.#fetch(owner, command);
    else if (command.kind === 'unsynced') void this.#tellUnsynced(owner, command);
    else if (command.kind === 'cut') void this.#cut(owner, command);
    else if (command.kind === 'recover') void this.#release(owner);
    else this.#injection?.renew(owner.group);
  }

  #arm(owner: Owner, command: Command<'arm'>): Promise<void> {
    if (owner.task) return Promise.resolve();
    owner.task = command.task;
    if (this.#injection) return this.#join(owner, command, this.#injection);
    this.#arming = this.#begin(owner, command);
    return this.#arming;
  }

  async #begin(owner: Owner, { id, task }: Command<'arm'>): Promise<void> {
    const { peer, group } = owner;
    const injection = new VolumeInjection(this.#runDirectory, task, this.#programs, {
      log: (line) => this.#tellAll({ kind: 'log', line }),
      wanted: () => this.#over === undefined && peer.open,
      resumed: (which, milliseconds) => this.#owners.tell(which, { kind: 'resumed', milliseconds }),
      halted: (which) => this.#owners.tell(which, { kind: 'halted' }),
    });
    this.#injection = injection;
    try {
      const report = await injection.arm(group);
      void injection.serverEnded.then(() => {
        if (!injection.ending) this.lose('the server has died');
      });
      this.#socket = listenForOwners(this.#runDirectory, task.id, (other) => void this.accept(other));
      this.#armed(owner, task, report);
      peer.tell({ kind: 'armed', id, report });
      this.#watch(injection);
    } catch (error) {
      await injection.end();
      const ended = injection.deserted || (task.pid !== undefined && hasEnded(task.pid));
      peer.tell({ id, ...(ended ? endedRefusal(task) : refusal(error)) });
      void this.#recover([owner]);
    }
  }

  async #join(owner: Owner, { id, task }: Command<'arm'>, injection: VolumeInjection): Promise<void> {
    const { peer, group } = owner;
    try {
      if (injection.ending) return peer.tell({ kind: 'ending', id });
      const report = await injection.join(group, task);
      this.#armed(owner, task, report);
      peer.tell({ kind: 'armed', id, report });
    } catch (error) {
      await injection.drop(group);
      peer.tell({ id, ...(injection.ending ? { kind: 'ending' } : refusal(error)) });
    }
  }

  #armed(owner: Owner, task: KeeperTask, report: MoveReport): void {
    owner.report = report;
    this.#expectEnd(owner, task);
  }

  /** The connection of an owner has ended. */
  #disconnected(owner: Owner): void {
    this.#owners.disconnected(owner);
    const unclaimed = owner.task?.claim === undefined || owner.report === undefined;
    if (unclaimed) void this.#release(owner);
    else if (this.#owners.has(owner))
      owner.kept = DeadlineTimer.after(CLAIM_TIME, () => void this.#release(owner)).unref();
  }

  /** The end of an owner's connection may be noticed later than its successor. */
  async #take(owner: Owner, { id, claim, except }: Command<'take'>): Promise<void> {
    const { peer } = owner;
    const before = this.#owners.withClaim(claim);
    if (before === undefined) return peer.tell({ kind: 'taken', id, taken: undefined });
    const { group, report } = before;
    if (before.task === undefined || report === undefined || this.#over)
      return peer.tell({ kind: 'ending', id });
    this.#owners.forget(before);
    Object.assign(owner, { group, task: { ...before.task, except }, report });
    this.#injection?.renew(group);
    const counts = (await this.#injection?.counts(group)) ?? [];
    peer.tell({ kind: 'taken', id, taken: { report, counts } });
  }

  #tellClaims({ peer }: Owner, { id }: Command<'claims'>): void {
    peer.tell({ kind: 'claims', id, claims: this.#owners.claims });
  }

  async #update(owner: Owner, { id, rules, paused, received }: Command<'update'>): Promise<void> {
    if (!owner.task) return;
    const task = { ...owner.task, rules };
    try {
      const batch = await this.#injection?.update(owner.group, task, { paused, received });
      owner.task = task;
      owner.deadline?.clear();
      if (!paused) this.#expectEnd(owner, task);
      owner.peer.tell({ kind: 'updated', id, counts: this.#knownCounts(owner), batch });
    } catch (error) {
      owner.peer.tell({ id, ...refusal(error) });
    }
  }

  #knownCounts({ group }: Owner): RuleCounts {
    return this.#injection?.knownCounts(group) ?? [];
  }

  async #count({ peer, group }: Owner, { id }: Command<'count'>): Promise<void> {
    peer.tell({ kind: 'counted', id, counts: (await this.#injection?.counts(group)) ?? [] });
  }

  async #fetch({ peer, group }: Owner, { id, received }: Command<'fetch'>): Promise<void> {
    peer.tell({ kind: 'fetched', id, batch: await this.#injection?.fetch(group, received) });
  }

  async #tellUnsynced({ peer }: Owner, { id }: Command<'unsynced'>): Promise<void> {
    try {
      peer.tell({ kind: 'unsynced', id, report: await this.#living.unsynced() });
    } catch (error) {
      peer.tell({ id, ...refusal(error) });
    }
  }

  /** All owners lose what is not synced; none of them is killed. */
  async #cut(owner: Owner, { id, ...task }: Command<'cut'>): Promise<void> {
    const { peer } = owner;
    try {
      const cut = await this.#living.cut(task);
      peer.tell({ kind: 'cut', id, cut, counts: this.#knownCounts(owner) });
    } catch (error) {
      peer.tell({ id, ...refusal(error) });
    }
  }

  get #living(): VolumeInjection {
    if (this.#injection && !this.#injection.ending) return this.#injection;
    throw new OrdealError('ORD-718', 'the volume is being given back');
  }

  /** Ends the faults of an owner. */
  async #release(owner: Owner): Promise<void> {
    if (!this.#owners.forget(owner)) return;
    if (!this.#owners.all.some(({ task }) => task)) return this.#recover([owner]);
    const { peer, group } = owner;
    const ended = (await this.#injection?.drop(group)) ?? NOTHING;
    peer.tell({ kind: 'recovered', ...ended, left: [], failed: false });
  }

  #expectEnd(owner: Owner, task: KeeperTask): void {
    const milliseconds = Math.max(...millisecondsOf(task).map((each) => each ?? Number.POSITIVE_INFINITY));
    const late = () => {
      owner.peer.tell({ kind: 'lost', reason: 'its time is over' });
      void this.#release(owner);
    };
    owner.deadline = DeadlineTimer.after(milliseconds + GRACE, late).unref();
  }

  /** Mounts in a namespace end with it; descriptors held here must not keep their file systems busy. */
  #watch(injection: VolumeInjection): void {
    const stop = this.#programs.heartbeat.on(() => {
      if (injection.ending) return stop();
      if (!injection.deserted)
        return this.#owners.tellQuiet(injection.quiet, (group) => injection.counts(group));
      stop();
      this.#tellAll({ kind: 'deserted' });
      void this.#recover(this.#owners.all);
    });
  }

  #tellAll(news: KeeperNews): void {
    for (const { peer } of new Set([...this.#owners.all, ...this.#last])) peer.tell(news);
  }

  /** @param owners that are notified of the end */
  #recover(owners: readonly Owner[]): Promise<void> {
    this.#over ??= this.#end(owners);
    return this.#over;
  }

  async #end(owners: readonly Owner[]): Promise<void> {
    this.#last = owners;
    this.#socket?.close();
    const injection = this.#injection;
    // A failed `#begin` undoes what it did, and then calls this: it must not be awaited there.
    if (injection && !injection.ending) await this.#arming;
    const nothing: KeptEnd = { rules: new Map(), left: [], failed: false };
    const { rules, left, failed } = (await injection?.end()) ?? nothing;
    const tell = (more: readonly string[]) => {
      for (const { peer, group } of owners)
        peer.tell({ kind: 'recovered', ...(rules.get(group) ?? NOTHING), left: [...left, ...more], failed });
    };
    // Not after the end: it would write the journal again.
    const late = setTimeout(() => tell(injection?.stay() ?? []), LAST_CLOSE).unref();
    void (injection?.serverEnded ?? Promise.resolve()).then(async () => {
      clearTimeout(late);
      injection?.close();
      tell([]);
      await this.#owners.letGo();
      this.#leave();
    });
  }
}

type Refusal = { readonly kind: 'refused'; readonly code: string; readonly message: string };

function refusal(error: unknown): Refusal {
  const code = error instanceof OrdealError ? error.code : 'ORD-714';
  return { kind: 'refused', code, message: error instanceof Error ? error.message : String(error) };
}

function endedRefusal({ pid }: KeeperTask): Refusal {
  const message = `Process ${pid} has ended before the faults were armed`;
  return { kind: 'refused', code: 'ORD-301', message };
}
