import { closeSync, openSync } from 'node:fs';
import { posix } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cover, type CoverRecord } from '@ordeal/cover';
import { OrdealError } from '@ordeal/diagnostics';
import type { UnsyncedReport } from '@ordeal/fault-fs';
import { abortConnection } from '@ordeal/fuse';
import { type Fd, lockWholeFile } from '@ordeal/linux';
import type { MoveReport } from '@ordeal/move';
import { journalDirectory } from '../journal/journal-file.js';
import type { RuleCounts } from '../method-counts.js';
import { WAITING } from '../mover/move-back.js';
import { objectionsToMove } from '../mover/objections.js';
import { nameProcess } from '../process-name.js';
import type { FaultBatch } from '../server/fault-batch.js';
import type { FaultServer, ServerListener } from '../server/fault-server.js';
import { reached, type STEPS } from '../steps.js';
import { type CheckedVolume, checkVolume } from '../volume/check-volume.js';
import { boundSockets, cutOffSockets } from '../volume/cut-off-sockets.js';
import { sourceOf } from '../volume/held-volume.js';
import { mountNamespaceOf, processIn } from '../volume/mount-namespace.js';
import { findSpecialFiles, inodesOf, specialFileNotes } from '../volume/special-files.js';
import { detachedVolume, usersOf, whyServed } from '../volume/volume-users.js';
import { cutVolume, unsyncedOf } from './cut-volume.js';
import type { CutPower, CutTask, KeeperTask } from './keeper-message.js';
import { faultsOfTask, millisecondsOf, ownedFaults, servedFaults } from './owner-task.js';
import type { ReadyPrograms } from './ready-programs.js';
import { type EndedRules, type GroupedVolume, VolumeGroups } from './volume-groups.js';
import { type JournaledVolume, VolumeJournal } from './volume-journal.js';
import { makeVolumeMount, type VolumeMount } from './volume-mount.js';
import { type MovedVolume, VolumeMoves } from './volume-moves.js';
import { VolumeRules } from './volume-rules.js';
import { VolumeWatch, type WatchedVolume } from './volume-watch.js';

/** Milliseconds in which a cover is placed, unless its server hangs. */
const PLACING = 30_000;

/** Milliseconds between two attempts to get the lock for covering a path. */
const RETRY = 10;

/** What an injection reports to the keeper. */
export interface VolumeInjectionListener extends ServerListener {
  /** Whether the owner still wants it: arming stops between two steps when it does not. */
  readonly wanted: () => boolean;
}

/** How an injection ended. */
export interface KeptEnd {
  /** By group. */
  readonly rules: ReadonlyMap<number, EndedRules>;
  readonly left: readonly string[];
  /** Whether the server had died before, or its connection was aborted: the faults ended early. */
  readonly failed: boolean;
}

/**
 * One volume under faults, as its keeper holds it: the journal, the connection, the cover, the server. Owners join and
 * leave, each with a group of rules. The keeper itself never touches the file system, so that it can act without a server.
 */
export class VolumeInjection {
  readonly #runDirectory: string;
  readonly #task: KeeperTask;
  readonly #pid: number;
  readonly #listener: VolumeInjectionListener;
  readonly #namespace: string;
  /** A process in the namespace, as far as known. */
  #witness: number;
  #volume: CheckedVolume | undefined;
  #fuse: VolumeMount | undefined;
  readonly #server: FaultServer;
  readonly #programs: ReadyPrograms;
  readonly #watch: VolumeWatch;
  #cover: Cover | undefined;
  readonly #journal: VolumeJournal;
  #armed = false;
  #failed = false;
  /** Those that were bound before. */
  #sockets: ReadonlySet<number> = new Set();
  #cutOff: readonly string[] = [];
  #ending: Promise<KeptEnd> | undefined;
  readonly #rules: VolumeRules;
  readonly #moves: VolumeMoves;
  readonly #groups: VolumeGroups;
  /** Resolves when nothing is being changed; requests of owners are handled one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  /** @param task of the first owner */
  constructor(
    runDirectory: string,
    task: KeeperTask,
    programs: ReadyPrograms,
    listener: VolumeInjectionListener,
  ) {
    this.#runDirectory = runDirectory;
    this.#task = task;
    this.#pid = task.pid ?? process.pid;
    this.#listener = listener;
    this.#namespace = mountNamespaceOf(this.#pid) ?? '';
    this.#witness = this.#pid;
    this.#rules = new VolumeRules(faultsOfTask(task));
    this.#journal = new VolumeJournal(runDirectory, () => this.#journaled());
    this.#server = programs.takeServer();
    this.#server.listen(listener);
    this.#programs = programs;
    this.#watch = new VolumeWatch(this.#watched(), programs.heartbeat);
    this.#moves = new VolumeMoves(this.#moved(), programs);
    this.#groups = new VolumeGroups(this.#grouped());
  }

  /** Resolves when the server is gone; its mount may still exist. */
  get serverEnded(): Promise<void> {
    return this.#server.ended;
  }

  get ending(): boolean {
    return this.#ending !== undefined;
  }

  /** Whether no process is left in the mount namespace of the volume. */
  get deserted(): boolean {
    const witness = processIn(this.#namespace, this.#witness);
    this.#witness = witness ?? this.#witness;
    return witness === undefined;
  }

  /**
   * Checks, writes the journal, covers the volume, moves its users, and activates the rules of the first owner. If it
   * throws, as it does when it is no longer wanted, call {@link end}.
   *
   * @throws OrdealError
   */
  async arm(group: number): Promise<MoveReport> {
    const { path, id } = this.#task;
    this.#rules.put(group, ownedFaults(this.#task));
    const volume = checkVolume(this.#runDirectory, this.#pid, path);
    this.#volume = volume;
    await this.#moves.refuseUnmovable(this.#pid);
    const special = findSpecialFiles(volume.origin.number, this.#pid, volume.place);
    if (!special.complete) this.#listener.log(specialFileNotes(special).at(-1) ?? '');
    this.#sockets = boundSockets(this.#pid);
    const originals = special.files.map(({ name }) => name);
    this.#reached('checked');
    const source = sourceOf(id);
    const server = this.#server;
    this.#journal.write({ source, server: nameProcess(server.pid) });
    this.#reached('journal written');
    const fuse = makeVolumeMount(volume, source);
    this.#fuse = fuse;
    this.#reached('mount made');
    this.#journal.write({ connection: fuse.connection });
    this.#reached('connection recorded');
    // A mover that needs the server must not wait for a dead one. Otherwise the mover of the way back ends the
    // connection when it has control of the waiting threads.
    void server.ended.then(() => {
      if (!this.#armed || this.#moves.fromServed) this.#abort();
      else setTimeout(() => this.#abort(), WAITING).unref();
    });
    await server.started();
    this.#watch.begin(fuse.waiting);
    if (server.descriptorKeeper !== undefined)
      this.#journal.write({ descriptorKeeper: nameProcess(server.descriptorKeeper) });
    this.#reached('server started');
    // The cover is served before it is visible: no process waits, and originals can be mounted over it at once.
    const announce = async ({ mounts }: CoverRecord, tree: Fd) => {
      this.#journal.write({ mounts });
      reached('keeper', 'cover recorded');
      const locks = this.#rules.facts.locksHeld ? 'original' : 'kernel';
      const rules = servedFaults(group, this.#task);
      const { number: device } = fuse.device;
      const pulse = this.#programs.heartbeat.pulse.fd.number;
      const { slot } = this.#watch;
      await server.ask({ kind: 'serve', device, tree: tree.number, pulse, slot, locks, rules });
      if (originals.length > 0)
        await server.ask({ kind: 'leave bare', ...inodesOf(volume.origin.number, originals) });
      this.#reached('serving');
    };
    this.#cover = await this.#alone(async () => {
      const limit = setTimeout(() => server.kill(), PLACING);
      const options = { announce, bare: originals, visitor: this.#programs.visitor };
      const cover = Cover.place({ pid: this.#pid, path }, fuse.mount, options);
      return cover.finally(() => clearTimeout(limit));
    });
    for (const line of this.#cover.failed) this.#listener.log(`not kept while faults last: ${line}`);
    this.#reached('cover placed');
    const report = await this.#moves.there(this.#pid);
    this.#reached('moved');
    await server.ask({ kind: 'begin', group, milliseconds: millisecondsOf(this.#task) });
    this.#watch.lease(group);
    reached('keeper', 'enabled');
    this.#armed = !server.over;
    return report;
  }

  /** See {@link VolumeGroups.join}. @throws OrdealError */
  join(group: number, task: KeeperTask): Promise<MoveReport> {
    return this.#inTurn(async () => {
      const report = await this.#groups.join(group, task);
      this.#watch.lease(group);
      return report;
    });
  }

  /** See {@link VolumeGroups.update}. @throws OrdealError */
  update(group: number, task: KeeperTask, paused: boolean): Promise<void> {
    return this.#inTurn(async () => {
      await this.#groups.update(group, task, paused);
      this.#watch.lease(group);
    });
  }

  /** Ends the rules of a group. Never throws. */
  drop(group: number): Promise<EndedRules> {
    this.#watch.forget(group);
    return this.#inTurn(() => this.#groups.drop(group));
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(action);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  get #living(): FaultServer {
    if (this.ending) throw new OrdealError('ORD-714', 'the volume is being restored');
    return this.#server;
  }

  /** What a power failure could take away now. @throws OrdealError ORD-713, ORD-718 */
  async unsynced(): Promise<UnsyncedReport> {
    return unsyncedOf(this.#living);
  }

  /**
   * Kills whoever uses the volume, and turns it into a state that a power failure may leave. It is not given back
   * meanwhile.
   *
   * @throws OrdealError ORD-713, ORD-718
   */
  cut(task: CutTask): Promise<CutPower> {
    return this.#inTurn(async () => {
      const { connection = -1 } = this.#fuse ?? {};
      return cutVolume(this.#living, connection, task, this.#rules.except);
    });
  }

  /** Whether there was no request in the last second. */
  get quiet(): boolean {
    return this.#watch.quiet;
  }

  /** The owner of a group is alive. */
  renew(group: number): void {
    this.#watch.renew(group);
  }

  /** As the server last reported them. */
  knownCounts(group: number): RuleCounts {
    return this.#server?.counts.get(group) ?? [];
  }

  counts(group: number): Promise<RuleCounts> {
    return this.#groups.counts(group);
  }

  /** See {@link VolumeGroups.fetch}. */
  async fetch(group: number, received?: number): Promise<FaultBatch | undefined> {
    return this.#armed ? this.#groups.fetch(group, received) : undefined;
  }

  /** Restores everything, from any state. Never throws; a second call returns the same result. */
  end(): Promise<KeptEnd> {
    this.#ending ??= this.#turn.then(() => this.#end());
    return this.#ending;
  }

  async #end(): Promise<KeptEnd> {
    const left: string[] = [];
    const attempt = async (action: () => Promise<unknown>) => {
      try {
        await action();
      } catch (error) {
        left.push(error instanceof Error ? error.message : String(error));
      }
    };
    await this.#stopFaults();
    const rules = new Map<number, EndedRules>();
    for (const [group, counts] of this.#server.counts)
      rules.set(group, { counts, batch: await this.fetch(group) });
    reached('keeper', 'disabled');
    if (this.#cover) {
      if (!this.#server.over) {
        // Files that are opened meanwhile are opened on the cover: so once more after the unmount.
        await attempt(() => this.#moves.back());
        reached('keeper', 'moved back');
        await attempt(() => this.#uncover());
      } else {
        // Nothing can be opened on the cover of a dead server. It is unmounted first: repeated calls by path must not
        // reach it again.
        await attempt(() => this.#uncover());
        await attempt(() => this.#moves.back());
      }
      reached('keeper', 'uncovered');
      await attempt(async () => left.push(...objectionsToMove(await this.#moves.back())));
      reached('keeper', 'moved back again');
      await attempt(async () => {
        this.#cutOff = this.#findCutOff();
        for (const line of this.#cutOff) this.#listener.log(line);
      });
    }
    this.#cover?.close();
    this.#fuse?.mount.close();
    this.#volume?.origin.close();
    if (!this.#cover) this.#server.kill();
    return { rules, left: [...new Set(left)], failed: this.#failed };
  }

  /** Descriptions of what keeps the server alive after {@link end}. */
  stay(): string[] {
    const server = this.#server;
    const { entry } = this.#journal;
    if (!entry) return [];
    const users = usersOf(detachedVolume(entry));
    // Sockets that were bound on the cover keep it in use until they are closed, but never send requests.
    if (users.length === 0 && this.#cutOff.length > 0) {
      server.kill();
      return [];
    }
    this.#journal.write({ ended: true });
    return whyServed(server.pid, users);
  }

  #findCutOff(): string[] {
    const pid = processIn(this.#namespace, this.#pid);
    if (pid === undefined || !this.#volume) return [];
    const { origin, place } = this.#volume;
    return cutOffSockets(origin.number, pid, [place, posix.normalize(this.#task.path)], this.#sockets);
  }

  /** Closes what is left once the server has ended: with the connection, the journal goes. */
  close(): void {
    this.#watch.close();
    this.#server.close();
    this.#fuse?.device.close();
    this.#fuse?.waiting.close();
    reached('keeper', 'closed');
    this.#journal.remove();
  }

  /** A server that does not answer is treated as dead: its users must not wait for it. */
  async #stopFaults(): Promise<void> {
    const server = this.#server;
    if (!this.#cover) return;
    try {
      await server.ask({ kind: 'disable' });
    } catch {
      this.#failed = server.over;
      server.kill();
      await server.ended;
    }
  }

  #abort(): void {
    if (!this.#fuse || this.#fuse.mount.number < 0) return;
    this.#server.kill();
    abortConnection(this.#fuse.connection);
  }

  async #uncover(): Promise<void> {
    const pid = processIn(this.#namespace, this.#pid);
    // Without a process there is no namespace, and nothing mounted in it.
    if (pid !== undefined) await this.#cover?.remove(pid, this.#programs.visitor);
  }

  get #origin(): number {
    return this.#volume?.origin.number ?? -1;
  }

  /** The current state of this volume for its moves. */
  #moved(): MovedVolume {
    const origin = () => this.#origin;
    const fuse = () => this.#fuse;
    return {
      pid: this.#pid,
      namespace: this.#namespace,
      rules: this.#rules,
      server: this.#server,
      get origin() {
        return origin();
      },
      get fuse() {
        return fuse();
      },
      begun: (mover) => this.#recordMover(mover),
      abort: () => this.#abort(),
    };
  }

  /** The current state of this volume for its groups. */
  #grouped(): GroupedVolume {
    const living = () => this.#living;
    return {
      pid: this.#pid,
      namespace: this.#namespace,
      rules: this.#rules,
      moves: this.#moves,
      journal: this.#journal,
      server: this.#server,
      get living() {
        return living();
      },
      log: (line) => this.#listener.log(line),
    };
  }

  #watched(): WatchedVolume {
    const rules = this.#rules;
    return {
      server: this.#server,
      namespace: this.#namespace,
      get delaysLong() {
        return rules.delaysLong;
      },
      resumed: (group, milliseconds) => this.#listener.resumed(group, milliseconds),
    };
  }

  #journaled(): JournaledVolume {
    const { id, path } = this.#task;
    const place = this.#volume?.place ?? path;
    return { id, namespace: this.#namespace, pid: this.#pid, path, place, ...this.#rules.facts };
  }

  #recordMover(mover: number): void {
    try {
      if (this.#journal.entry) this.#journal.write({ mover: nameProcess(mover) });
    } catch (error) {
      // On the way back it is better to continue than to be able to name the process.
      if (!this.ending) throw error;
      this.#listener.log((error as Error).message);
    }
  }

  /** Only one keeper at a time checks that the path is free and covers it. */
  async #alone<T>(cover: () => Promise<T>): Promise<T> {
    const directory = openSync(journalDirectory(this.#runDirectory), 'r');
    try {
      while (!lockWholeFile(directory, 'flock')) {
        await sleep(RETRY);
        this.#refuseUnwanted();
      }
      checkVolume(this.#runDirectory, this.#pid, this.#task.path).origin.close();
      return await cover();
    } finally {
      closeSync(directory);
    }
  }

  #reached(step: (typeof STEPS)['keeper'][number]): void {
    reached('keeper', step);
    this.#refuseUnwanted();
  }

  #refuseUnwanted(): void {
    if (!this.#listener.wanted()) throw new OrdealError('ORD-714', 'the faults are no longer wanted');
  }
}
