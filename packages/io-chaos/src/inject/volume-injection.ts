import type { ChildProcess } from 'node:child_process';
import { posix } from 'node:path';
import { OrdealError } from '@ordeal/diagnostics';
import { abortConnection } from '@ordeal/fuse';
import { bootId, type Fd } from '@ordeal/linux';
import { failpoint, type STEPS } from '../failpoint.js';
import { Cover, type CoverRecord } from '../mount/cover.js';
import type { MoveReport } from '../move/report.js';
import { type CheckedVolume, checkVolume } from './check-volume.js';
import { boundSockets, cutOffSockets } from './cut-off-sockets.js';
import { someoneDiesIn } from './dying-processes.js';
import { FaultServer, type ServerListener } from './fault-server.js';
import { nameLocks } from './faults.js';
import type { Journal } from './journal.js';
import { JournalFile } from './journal-file.js';
import type { KeeperTask } from './keeper-message.js';
import type { RuleCounts } from './method-counts.js';
import { mountNamespaceOf, processIn } from './mount-namespace.js';
import { moveBack, WAITING } from './move-back.js';
import { objectionsToMove, refuseUnmovable } from './objections.js';
import { nameProcess } from './process-name.js';
import { planMove, prepareMover, runMove } from './run-mover.js';
import type { FaultBatch } from './server-message.js';
import { findSpecialFiles, inodesOf, specialFileNotes } from './special-files.js';
import { makeVolumeMount, type VolumeMount } from './volume-mount.js';
import { detachedVolume, usersOf, whyServed } from './volume-users.js';

/** Nanoseconds that a process that is killed may wait; shorter delays are over by themselves. */
const LONG_DELAY = 1_000_000_000n;

/** Milliseconds in which a cover is placed; longer, and its server hangs. */
const PLACING = 30_000;

/** The rules of its owner, to the server. */
const GROUP = 1;

export const NO_FAULTS: FaultBatch = { faults: [], dropped: 0 };

/** What the keeper is told about an injection. */
export interface VolumeInjectionListener extends ServerListener {
  /** Whether the owner still wants it: arming stops between two steps when it does not. */
  readonly wanted: () => boolean;
}

/** How an injection ended. */
export interface KeptEnd {
  readonly counts: RuleCounts;
  /** Faults that were not fetched. */
  readonly batch: FaultBatch;
  readonly left: readonly string[];
}

/**
 * One injection, as its keeper holds it: the journal, the connection, the cover, the server. The keeper itself never
 * touches the file system, so that it can act without a server.
 */
export class VolumeInjection {
  readonly #task: KeeperTask;
  readonly #pid: number;
  readonly #listener: VolumeInjectionListener;
  readonly #namespace: string;
  /** A process in the namespace, as far as is known. */
  #witness: number;
  #volume: CheckedVolume | undefined;
  #fuse: VolumeMount | undefined;
  #server: FaultServer | undefined;
  #cover: Cover | undefined;
  #journal: JournalFile | undefined;
  #armed = false;
  /** Whether a mover is at work that needs the server. */
  #movingFromServed = false;
  #prepared: ChildProcess | undefined;
  /** Those that were bound before. */
  #sockets: ReadonlySet<number> = new Set();
  #cutOff: readonly string[] = [];
  #ending: Promise<KeptEnd> | undefined;

  constructor(task: KeeperTask, listener: VolumeInjectionListener) {
    this.#task = task;
    this.#pid = task.pid ?? process.pid;
    this.#listener = listener;
    this.#namespace = mountNamespaceOf(this.#pid) ?? '';
    this.#witness = this.#pid;
  }

  /** Resolves when the server is gone; its mount may be there still. */
  get serverEnded(): Promise<void> {
    return this.#server?.ended ?? Promise.resolve();
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
   * Checks, writes the journal, covers the volume, moves its users, and lets the rules take effect. Where it throws, as
   * it does when it is no longer wanted, call {@link end}.
   *
   * @throws OrdealError
   */
  async arm(): Promise<MoveReport> {
    const { path, id, rules } = this.#task;
    const faults = rules.map((rule) => rule.faults);
    const milliseconds = rules.map((rule) => rule.milliseconds);
    const volume = checkVolume(this.#pid, path);
    this.#volume = volume;
    const bare = { from: volume.origin.number, to: volume.origin.number };
    refuseUnmovable(
      await planMove({ ...this.#mover(), oldSide: 'bare', trustNames: false }, bare),
      this.#pid,
    );
    const special = findSpecialFiles(volume.origin.number, this.#pid, volume.place);
    if (!special.complete) this.#listener.log(specialFileNotes(special).at(-1) ?? '');
    this.#sockets = boundSockets(this.#pid);
    const originals = special.files.map(({ name }) => name);
    this.#failpoint('checked');
    const source = `ordeal-${id}`;
    this.#write({ source });
    this.#failpoint('journal written');
    const fuse = makeVolumeMount(volume, source);
    this.#fuse = fuse;
    this.#failpoint('mount made');
    this.#write({ connection: fuse.connection });
    this.#failpoint('connection recorded');
    const server = new FaultServer(fuse.device, this.#listener);
    this.#server = server;
    this.#write({ server: nameProcess(server.pid) });
    // A mover that works on the server's side must not wait for a dead one. Otherwise it is the mover of the way back
    // that
    // ends the connection, when it has those who wait under its control.
    void server.ended.then(() => {
      if (!this.#armed || this.#movingFromServed) this.#abort();
      else setTimeout(() => this.#abort(), WAITING).unref();
    });
    await server.started();
    if (server.descriptorKeeper !== undefined)
      this.#write({ descriptorKeeper: nameProcess(server.descriptorKeeper) });
    this.#failpoint('server started');
    // Patterns are full paths, written without these.
    const volumePath = posix.normalize(path).replace(/(?<=.)\/$/, '');
    const first = { group: GROUP, faults, volumePath, inside: '', told: this.#task.told };
    // The cover is served before it can be seen: nobody waits, and originals can be mounted over it at once.
    const announce = async ({ mounts }: CoverRecord, tree: Fd) => {
      this.#write({ mounts });
      failpoint('keeper', 'cover recorded');
      const locks = this.#locksHeld ? 'original' : 'kernel';
      await server.ask({ kind: 'serve', tree: tree.number, locks, rules: first });
      if (originals.length > 0)
        await server.ask({ kind: 'leave bare', ...inodesOf(volume.origin.number, originals) });
      this.#failpoint('serving');
    };
    const late = setTimeout(() => server.kill(), PLACING);
    this.#cover = await Cover.place({ pid: this.#pid, path }, fuse.mount, {
      announce,
      bare: originals,
    }).finally(() => clearTimeout(late));
    for (const line of this.#cover.failed) this.#listener.log(`not kept while faults last: ${line}`);
    this.#failpoint('cover placed');
    const sides = { from: volume.origin.number, to: fuse.mount.number };
    const report = await runMove({ ...this.#mover(), oldSide: 'bare', trustNames: false }, sides);
    this.#failpoint('moved');
    await server.ask({ kind: 'begin', group: GROUP, milliseconds });
    failpoint('keeper', 'enabled');
    server.watch();
    // The way back must not wait for a program to start: behind a dead server, its users wait, too.
    this.#prepared = prepareMover({ from: fuse.mount.number, to: volume.origin.number });
    this.#armed = !server.over;
    return report;
  }

  /**
   * Lets delayed requests go where a process that was killed waits for one: long delays must not keep containers from
   * ending.
   */
  releaseDying(): void {
    const delayed = this.#task.rules.some(({ faults }) => (faults.delay ?? 0n) >= LONG_DELAY);
    if (delayed && someoneDiesIn(this.#namespace)) this.#server?.tell({ kind: 'release' });
  }

  /** The owner is alive. */
  renew(): void {
    this.#server?.tell({ kind: 'renew', group: GROUP });
  }

  async counts(): Promise<RuleCounts> {
    await this.#server?.ask({ kind: 'count' }).catch(() => undefined);
    return this.#counts;
  }

  /** The faults since the last call. */
  async fetch(): Promise<FaultBatch> {
    if (!this.#task.told || !this.#armed) return NO_FAULTS;
    const answer = await this.#server?.ask({ kind: 'fetch', group: GROUP }).catch(() => undefined);
    return answer?.batch ?? NO_FAULTS;
  }

  get #counts(): RuleCounts {
    return this.#server?.counts.get(GROUP) ?? [];
  }

  /** Takes everything back, in whatever state it is. Never throws; a second call returns the same result. */
  end(): Promise<KeptEnd> {
    this.#ending ??= this.#end();
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
    const counts = this.#counts;
    const batch = await this.fetch();
    failpoint('keeper', 'disabled');
    if (this.#cover) {
      if (this.#server?.over === false) {
        // Files that are opened meanwhile are opened on the cover: so once more when it is off.
        await attempt(() => this.#moveBack());
        failpoint('keeper', 'moved back');
        await attempt(() => this.#uncover());
      } else {
        // Nothing can be opened on the cover of a dead server, so it is detached at once.
        await Promise.all([attempt(() => this.#moveBack()), attempt(() => this.#uncover())]);
      }
      failpoint('keeper', 'uncovered');
      await attempt(async () => left.push(...objectionsToMove(await this.#moveBack())));
      failpoint('keeper', 'moved back again');
      await attempt(async () => {
        this.#cutOff = this.#findCutOff();
        for (const line of this.#cutOff) this.#listener.log(line);
      });
    }
    this.#prepared?.kill('SIGKILL');
    this.#cover?.close();
    this.#fuse?.mount.close();
    this.#volume?.origin.close();
    if (this.#server && !this.#cover) this.#server.kill();
    return { counts, batch, left: [...new Set(left)] };
  }

  /** What keeps the server alive after {@link end}, in words. What was taken back stays taken back. */
  stay(): string[] {
    const server = this.#server;
    if (!server || !this.#journal) return [];
    const users = usersOf(detachedVolume(this.#journal.journal));
    // Sockets that were bound on the cover hold it until they are closed, and never ask for anything.
    if (users.length === 0 && this.#cutOff.length > 0) {
      server.kill();
      return [];
    }
    this.#write({ ended: true });
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
    this.#server?.close();
    this.#fuse?.device.close();
    failpoint('keeper', 'closed');
    this.#journal?.remove();
  }

  /** A server that does not answer is treated as dead: its users must not wait for it. */
  async #stopFaults(): Promise<void> {
    const server = this.#server;
    if (!server || !this.#cover) return;
    try {
      await server.ask({ kind: 'disable' });
    } catch {
      server.kill();
      await server.ended;
    }
  }

  /** Its end does not end the connection: the mover does, when it has those who wait under its control. */
  async #endServer(): Promise<void> {
    this.#movingFromServed = false;
    this.#server?.kill();
    await this.#server?.ended;
  }

  #abort(): void {
    if (!this.#fuse || this.#fuse.mount.number < 0) return;
    this.#server?.kill();
    abortConnection(this.#fuse.connection);
  }

  async #uncover(): Promise<void> {
    const pid = processIn(this.#namespace, this.#pid);
    // Without a process there is no namespace, and nothing mounted in it.
    if (pid !== undefined) await this.#cover?.remove(pid);
  }

  async #moveBack(): Promise<MoveReport> {
    const from = this.#fuse?.mount.number ?? -1;
    const to = this.#volume?.origin.number ?? -1;
    this.#movingFromServed = this.#server?.over === false;
    return moveBack({
      mover: this.#mover(),
      sides: { from, to },
      prepared: this.#prepared,
      trustNames: this.#trustNames,
      rescue: 'unwritten',
      descriptorKeeper: () => this.#server?.descriptorKeeper,
      locksHeld: this.#locksHeld,
      connection: this.#fuse?.connection,
      dead: () => this.#server?.over !== false,
      abort: () => this.#abort(),
      silence: () => this.#endServer(),
    }).finally(() => {
      this.#movingFromServed = false;
    });
  }

  get #trustNames(): boolean {
    return this.#task.rules.some(({ faults }) => faults.attr?.ino !== undefined);
  }

  get #locksHeld(): boolean {
    return nameLocks(this.#task.rules.map(({ faults }) => faults));
  }

  #mover() {
    const pid = processIn(this.#namespace, this.#pid) ?? this.#pid;
    const own = [process.pid, this.#server?.pid, this.#server?.descriptorKeeper, this.#prepared?.pid].filter(
      (each) => each !== undefined,
    );
    const except = [...this.#task.except, ...own];
    const started = (mover: number) => {
      try {
        if (this.#journal) this.#write({ mover: nameProcess(mover) });
      } catch (error) {
        // On the way back it is better to continue than to be able to name the process.
        if (!this.ending) throw error;
        this.#listener.log((error as Error).message);
      }
    };
    return { pid, also: [this.#pid], except, started };
  }

  #failpoint(step: (typeof STEPS)['keeper'][number]): void {
    failpoint('keeper', step);
    if (!this.#listener.wanted()) throw new OrdealError('ORD-714', 'nobody wants the faults any more');
  }

  #write(news: Partial<Journal>): void {
    if (this.#journal) this.#journal.write(news);
    else this.#journal = JournalFile.create({ ...this.#firstEntry(), ...news });
  }

  #firstEntry(): Journal {
    const { id, path, rules } = this.#task;
    return {
      id,
      boot: bootId(),
      keeper: nameProcess(process.pid) ?? { pid: process.pid, started: '' },
      server: undefined,
      descriptorKeeper: undefined,
      mover: undefined,
      namespace: this.#namespace,
      pid: this.#pid,
      path,
      place: this.#volume?.place ?? path,
      source: '',
      mounts: [],
      connection: undefined,
      ended: false,
      trustNames: this.#trustNames,
      locksHeld: this.#locksHeld,
      rescue: rules.some(({ faults }) => faults.action === 'mistake') ? 'unwritten' : 'differing',
    };
  }
}
