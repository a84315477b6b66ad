import { OrdealError } from '@ordeal/diagnostics';
import type { MoveReport } from '@ordeal/move';
import type { RuleCounts } from '../method-counts.js';
import type { FaultBatch } from '../server/fault-batch.js';
import type { FaultServer } from '../server/fault-server.js';
import { mountNamespaceOf } from '../volume/mount-namespace.js';
import type { KeeperTask } from './keeper-message.js';
import { faultsOfTask, millisecondsOf, ownedFaults, servedFaults } from './owner-task.js';
import type { VolumeJournal } from './volume-journal.js';
import type { VolumeMoves } from './volume-moves.js';
import type { OwnedFaults, VolumeRules } from './volume-rules.js';

/** The result of the rules of an owner when they have ended. */
export interface EndedRules {
  readonly counts: RuleCounts;
  /** Faults that the owner has not acknowledged; undefined if the server did not answer. */
  readonly batch: FaultBatch | undefined;
}

/** How an owner changes its rules. */
export interface RulesChange {
  /** Whether they are switched off. */
  readonly paused: boolean;
  /** The number of the first fault that the owner has not acknowledged. */
  readonly received: number;
}

const AT_FIRST: RulesChange = { paused: false, received: 0 };

/** What the groups need to know of their volume, at the time of each request. */
export interface GroupedVolume {
  /** A process that sees the volume. */
  readonly pid: number;
  /** The name of its mount namespace. */
  readonly namespace: string;
  readonly rules: VolumeRules;
  readonly moves: VolumeMoves;
  readonly journal: VolumeJournal;
  readonly server: FaultServer;
  /** @throws OrdealError ORD-714 if the volume is being restored */
  readonly living: FaultServer;
  log(line: string): void;
}

/** The owners of an armed volume, each with a group of rules. One request at a time. */
export class VolumeGroups {
  readonly #volume: GroupedVolume;

  constructor(volume: GroupedVolume) {
    this.#volume = volume;
  }

  /**
   * Adds the rules of another owner. Moved processes are not moved again, unless files of theirs bypass the server.
   *
   * @throws OrdealError; the others' rules are then unchanged, and {@link drop} must be called
   */
  async join(group: number, task: KeeperTask): Promise<MoveReport> {
    const { pid = process.pid, path, rules } = task;
    if (mountNamespaceOf(pid) !== this.#volume.namespace) {
      const message = `${path} of process ${pid} is a copy of a volume under an I/O experiment, in another mount namespace`;
      throw new OrdealError('ORD-711', message);
    }
    this.#refuseLocks(path, rules);
    if (task.inside !== '' && faultsOfTask(task).some(({ action }) => action === 'powerLoss')) {
      const message = `${path} is a part of a volume under an I/O experiment: powerLoss is for a whole volume`;
      throw new OrdealError('ORD-711', message);
    }
    this.#take(group, ownedFaults(task));
    const report = await this.#volume.moves.rest(pid);
    await this.#begin(group, task);
    return report;
  }

  /**
   * Changes the faults and durations of a group, or switches it off or on.
   *
   * @returns as {@link fetch}, of the same moment
   * @throws OrdealError; then the faults may be the old ones
   */
  async update(group: number, task: KeeperTask, change: RulesChange): Promise<FaultBatch | undefined> {
    const { path, rules } = task;
    this.#refuseLocks(path, rules);
    this.#take(group, ownedFaults(task));
    return this.#begin(group, task, change);
  }

  /** Ends the rules of a group. Never throws. */
  async drop(group: number): Promise<EndedRules> {
    const { server, rules } = this.#volume;
    // If it does not answer, it is about to be ended with all rules.
    await server.ask({ kind: 'pause', group }).catch(() => undefined);
    const batch = await this.fetch(group);
    const done = await server.ask({ kind: 'drop', group }).catch(() => undefined);
    rules.drop(group);
    return { counts: (done ?? server).counts.get(group) ?? [], batch };
  }

  async counts(group: number): Promise<RuleCounts> {
    const { server } = this.#volume;
    await server.ask({ kind: 'count' }).catch(() => undefined);
    return server.counts.get(group) ?? [];
  }

  /** The faults of a group but those before the number `received`. Undefined if the server does not answer. */
  async fetch(group: number, received = 0): Promise<FaultBatch | undefined> {
    if (!this.#volume.rules.reported.includes(group)) return undefined;
    const answer = await this.#volume.server.ask({ kind: 'fetch', group, received }).catch(() => undefined);
    return answer?.batch;
  }

  #refuseLocks(path: string, rules: KeeperTask['rules']): void {
    if (!this.#volume.rules.missLocks(rules.map(({ faults }) => faults))) return;
    const message = `${path} is under an I/O experiment that leaves locks to the kernel: no rule can match setlk and getlk now`;
    throw new OrdealError('ORD-711', message);
  }

  /** The journal first: a recovery must know what faults may have done before they happen. */
  #take(group: number, owned: OwnedFaults): void {
    const { rules, journal } = this.#volume;
    rules.put(group, owned);
    const { facts } = rules;
    const known = journal.entry;
    if (known?.trustNames !== facts.trustNames || known.rescue !== facts.rescue) journal.write(facts);
  }

  /** One exchange with the server, where no open file bypasses the rules. */
  async #begin(
    group: number,
    task: KeeperTask,
    { paused, received }: RulesChange = AT_FIRST,
  ): Promise<FaultBatch | undefined> {
    const milliseconds = paused ? task.rules.map(() => 0) : millisecondsOf(task);
    const begin = { milliseconds, received };
    const rules = servedFaults(group, task);
    const { bypassed = 0, batch } = await this.#volume.living.ask({ kind: 'put', ...rules, begin });
    if (bypassed === 0) return rules.reported ? batch : undefined;
    await this.#reopen();
    await this.#volume.living.ask({ kind: 'begin', group, milliseconds });
    return this.fetch(group, received);
  }

  /**
   * Files that bypass the server are opened again: their users are moved back and forth once more, without faults
   * meanwhile.
   */
  async #reopen(): Promise<void> {
    const { moves, pid } = this.#volume;
    await this.#volume.living.ask({ kind: 'disable' });
    try {
      await moves.back();
      await moves.there(pid);
    } finally {
      const { bypassed = 0 } = await this.#volume.living.ask({ kind: 'enable' });
      if (bypassed > 0)
        this.#volume.log(`${bypassed} open files bypass the faults until they are opened anew`);
    }
  }
}
