import { OrdealError } from '@ordeal/diagnostics';
import type { UnsyncedReport } from '@ordeal/fault-fs';
import type { MoveReport } from '@ordeal/move';
import type { RuleCounts } from '../method-counts.js';
import type { FaultBatch } from '../server/fault-batch.js';
import type { FaultServer } from '../server/fault-server.js';
import { reached } from '../steps.js';
import { armVolume } from './arm-volume.js';
import { cutVolume, unsyncedOf } from './cut-volume.js';
import { type GivenBack, giveBack, staying } from './give-back.js';
import type { CutPower, CutTask, KeeperTask } from './keeper-message.js';
import { KeptVolume, type VolumeInjectionListener } from './kept-volume.js';
import type { ReadyPrograms } from './ready-programs.js';
import { type EndedRules, type RulesChange, VolumeGroups } from './volume-groups.js';

/** How an injection ended. */
export interface KeptEnd {
  /** By group. */
  readonly rules: ReadonlyMap<number, EndedRules>;
  readonly left: readonly string[];
  /** Whether the server had died before, or its connection was aborted: the faults ended early. */
  readonly failed: boolean;
}

/**
 * One volume under faults, as its keeper holds it. Owners join and leave, each with a group of rules. The keeper itself never
 * touches the file system, so that it can act without a server.
 */
export class VolumeInjection {
  readonly #volume: KeptVolume;
  readonly #groups: VolumeGroups;
  /** Resolves when nothing is being changed; requests of owners are handled one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #failed = false;
  #ending: Promise<KeptEnd> | undefined;
  #given: GivenBack | undefined;

  /** @param task of the first owner */
  constructor(
    runDirectory: string,
    task: KeeperTask,
    programs: ReadyPrograms,
    listener: VolumeInjectionListener,
  ) {
    const volume = new KeptVolume(runDirectory, task, programs, listener);
    const living = () => this.#living;
    const { covered, rules, moves, journal, server } = volume;
    this.#volume = volume;
    this.#groups = new VolumeGroups({
      pid: covered.pid,
      namespace: covered.namespace,
      rules,
      moves,
      journal,
      server,
      get living() {
        return living();
      },
      log: (line) => listener.log(line),
    });
  }

  /** Resolves when the server is gone; its mount may still exist. */
  get serverEnded(): Promise<void> {
    return this.#volume.server.ended;
  }

  get ending(): boolean {
    return this.#volume.ending;
  }

  /** Whether no process is left in the mount namespace of the volume. */
  get deserted(): boolean {
    return this.#volume.covered.deserted;
  }

  /** See {@link armVolume}. If it throws, call {@link end}. @throws OrdealError */
  arm(group: number): Promise<MoveReport> {
    return armVolume(this.#volume, group);
  }

  /** See {@link VolumeGroups.join}. @throws OrdealError */
  join(group: number, task: KeeperTask): Promise<MoveReport> {
    return this.#inTurn(async () => {
      const report = await this.#groups.join(group, task);
      this.#volume.watch.lease(group);
      return report;
    });
  }

  /** See {@link VolumeGroups.update}. @throws OrdealError */
  update(group: number, task: KeeperTask, change: RulesChange): Promise<FaultBatch | undefined> {
    return this.#inTurn(async () => {
      const batch = await this.#groups.update(group, task, change);
      this.#volume.watch.lease(group);
      return batch;
    });
  }

  /** Ends the rules of a group. Never throws. */
  drop(group: number): Promise<EndedRules> {
    this.#volume.watch.forget(group);
    return this.#inTurn(() => this.#groups.drop(group));
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(action);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  get #living(): FaultServer {
    if (this.ending) throw new OrdealError('ORD-714', 'the volume is being restored');
    return this.#volume.server;
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
      const { covered, rules } = this.#volume;
      return cutVolume(this.#living, covered.mount?.connection ?? -1, task, rules.except);
    });
  }

  /** Whether there was no request in the last second. */
  get quiet(): boolean {
    return this.#volume.watch.quiet;
  }

  /** The owner of a group is alive. */
  renew(group: number): void {
    this.#volume.watch.renew(group);
  }

  /** As the server last reported them. */
  knownCounts(group: number): RuleCounts {
    return this.#volume.server.counts.get(group) ?? [];
  }

  counts(group: number): Promise<RuleCounts> {
    return this.#groups.counts(group);
  }

  /** See {@link VolumeGroups.fetch}. */
  async fetch(group: number, received?: number): Promise<FaultBatch | undefined> {
    return this.#volume.armed ? this.#groups.fetch(group, received) : undefined;
  }

  /** Restores everything, from any state. Never throws; a second call returns the same result. */
  end(): Promise<KeptEnd> {
    this.#volume.ending = true;
    this.#ending ??= this.#turn.then(() => this.#end());
    return this.#ending;
  }

  async #end(): Promise<KeptEnd> {
    await this.#stopFaults();
    const rules = new Map<number, EndedRules>();
    for (const [group, counts] of this.#volume.server.counts)
      rules.set(group, { counts, batch: await this.fetch(group) });
    reached('keeper', 'disabled');
    this.#given = await giveBack(this.#volume);
    return { rules, left: this.#given.left, failed: this.#failed };
  }

  /** A server that does not answer is treated as dead: its users must not wait for it. */
  async #stopFaults(): Promise<void> {
    const { server, covered } = this.#volume;
    if (!covered.covered) return;
    try {
      await server.ask({ kind: 'disable' });
    } catch {
      this.#failed = server.over;
      server.kill();
      await server.ended;
    }
  }

  /** Descriptions of what keeps the server alive after {@link end}. */
  stay(): string[] {
    return this.#given ? staying(this.#volume, this.#given) : [];
  }

  /** Closes what is left once the server has ended: with the connection, the journal goes. */
  close(): void {
    const { watch, server, covered, journal } = this.#volume;
    watch.close();
    server.close();
    covered.closeConnection();
    reached('keeper', 'closed');
    journal.remove();
  }
}
