import type { ChildProcess } from 'node:child_process';
import type { MoveReport } from '@ordeal/move';
import { moveBack } from '../mover/move-back.js';
import { refuseUnmovable } from '../mover/objections.js';
import { type MoverSides, planMove, runMove } from '../mover/run-mover.js';
import type { FaultServer } from '../server/fault-server.js';
import { processIn } from '../volume/mount-namespace.js';
import type { ReadyPrograms } from './ready-programs.js';
import type { VolumeMount } from './volume-mount.js';
import type { VolumeRules } from './volume-rules.js';

/** What the moves of a volume need to know, at the time of each. */
export interface MovedVolume {
  /** A process that sees the volume. */
  readonly pid: number;
  /** The name of its mount namespace. */
  readonly namespace: string;
  readonly rules: VolumeRules;
  /** Descriptor of the original tree; -1 before it is open. */
  readonly origin: number;
  readonly fuse: VolumeMount | undefined;
  readonly server: FaultServer;
  /** Called with the pid of each mover before it does anything. */
  begun(mover: number): void;
  /** Aborts the connection. */
  abort(): void;
}

/** Moves the users of a volume onto its fault file system and back, by movers: processes that do nothing else. */
export class VolumeMoves {
  readonly #volume: MovedVolume;
  readonly #programs: ReadyPrograms;
  #fromServed = false;

  constructor(volume: MovedVolume, programs: ReadyPrograms) {
    this.#volume = volume;
    this.#programs = programs;
  }

  /** Whether a mover is at work that needs the server. */
  get fromServed(): boolean {
    return this.#fromServed;
  }

  /** @throws OrdealError ORD-712 where the process, a target, cannot be moved */
  async refuseUnmovable(pid: number): Promise<void> {
    refuseUnmovable(await this.#plan(pid), pid);
  }

  there(pid: number): Promise<MoveReport> {
    return this.#programs.withMover((mover) =>
      runMove({ ...this.#order(pid), oldSide: 'bare', trustNames: false }, this.#sidesThere, mover),
    );
  }

  get #sidesThere(): MoverSides {
    const { origin, fuse } = this.#volume;
    return { from: origin, to: fuse?.mount.number ?? -1 };
  }

  /** Processes that could not be moved before, or have opened files of the original tree since, may be targets now. */
  async rest(pid: number): Promise<MoveReport> {
    const plan = await this.#plan(pid);
    refuseUnmovable(plan, pid);
    const movable = plan.processes.some(
      ({ refused, descriptors, directories, mappings }) =>
        refused === undefined && descriptors.length + directories.length + mappings.length > 0,
    );
    return movable ? this.there(pid) : { processes: [], passes: 0, left: [] };
  }

  back(): Promise<MoveReport> {
    this.#fromServed = !this.#volume.server.over;
    return this.#programs
      .withMover((mover) => this.#back(mover))
      .finally(() => {
        this.#fromServed = false;
      });
  }

  #back(prepared: ChildProcess): Promise<MoveReport> {
    const { pid, origin, fuse, server, rules } = this.#volume;
    return moveBack({
      mover: this.#order(pid),
      sides: { from: fuse?.mount.number ?? -1, to: origin },
      prepared,
      trustNames: rules.facts.trustNames,
      rescue: 'unwritten',
      descriptorKeeper: () => server.descriptorKeeper,
      locksHeld: rules.facts.locksHeld,
      connection: fuse?.connection,
      dead: () => server.over,
      abort: () => this.#volume.abort(),
      silence: () => this.#endServer(),
    });
  }

  #plan(pid: number) {
    const { origin } = this.#volume;
    return this.#programs.withMover((mover) =>
      planMove(
        { ...this.#order(pid), oldSide: 'bare', trustNames: false },
        { from: origin, to: origin },
        mover,
      ),
    );
  }

  /** Its end does not end the connection: the mover does, when it has control of the waiting threads. */
  async #endServer(): Promise<void> {
    this.#fromServed = false;
    this.#volume.server.kill();
    await this.#volume.server.ended;
  }

  #order(target: number) {
    const { namespace, server, rules } = this.#volume;
    const { pid, descriptorKeeper } = server;
    const own = [process.pid, pid, descriptorKeeper, ...this.#programs.pids];
    const except = [...rules.except, ...own.filter((each) => each !== undefined)];
    const started = (mover: number) => this.#volume.begun(mover);
    return { pid: processIn(namespace, target) ?? target, also: [target], except, started };
  }
}
