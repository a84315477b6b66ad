import { nameProcess } from '../process-name.js';
import type { FaultServer, ServerListener } from '../server/fault-server.js';
import { CoveredVolume } from './covered-volume.js';
import type { KeeperTask } from './keeper-message.js';
import { faultsOfTask } from './owner-task.js';
import type { ReadyPrograms } from './ready-programs.js';
import { VolumeJournal } from './volume-journal.js';
import { VolumeMoves } from './volume-moves.js';
import { VolumeRules } from './volume-rules.js';
import { VolumeWatch } from './volume-watch.js';

/** What an injection reports to the keeper. */
export interface VolumeInjectionListener extends ServerListener {
  /** Whether the owner still wants it: arming stops between two steps when it does not. */
  readonly wanted: () => boolean;
}

/** All that a keeper has of one volume. */
export class KeptVolume {
  readonly runDirectory: string;
  /** Of the first owner. */
  readonly task: KeeperTask;
  readonly listener: VolumeInjectionListener;
  readonly programs: ReadyPrograms;
  readonly covered: CoveredVolume;
  readonly rules: VolumeRules;
  readonly journal: VolumeJournal;
  readonly server: FaultServer;
  readonly watch: VolumeWatch;
  readonly moves: VolumeMoves;
  /** Whether the faults of the first owner have begun. */
  armed = false;
  /** Whether it is being given back. */
  ending = false;

  constructor(
    runDirectory: string,
    task: KeeperTask,
    programs: ReadyPrograms,
    listener: VolumeInjectionListener,
  ) {
    this.runDirectory = runDirectory;
    this.task = task;
    this.listener = listener;
    this.programs = programs;
    const covered = new CoveredVolume(runDirectory, task.pid ?? process.pid, task.path);
    const { pid, namespace } = covered;
    const rules = new VolumeRules(faultsOfTask(task));
    const server = programs.takeServer();
    server.listen(listener);
    this.covered = covered;
    this.rules = rules;
    this.server = server;
    this.journal = new VolumeJournal(runDirectory, () => {
      const { id, path } = task;
      return { id, namespace, pid, path, place: covered.place, ...rules.facts };
    });
    this.watch = new VolumeWatch(
      {
        server,
        namespace,
        get delaysLong() {
          return rules.delaysLong;
        },
        resumed: (group, milliseconds) => listener.resumed(group, milliseconds),
      },
      programs.heartbeat,
    );
    this.moves = new VolumeMoves(
      {
        pid,
        namespace,
        rules,
        server,
        get origin() {
          return covered.origin;
        },
        get fuse() {
          return covered.mount;
        },
        begun: (mover) => this.#recordMover(mover),
        abort: () => this.abort(),
      },
      programs,
    );
  }

  /** Ends the server, and the connection: whoever waits for it gets an error. */
  abort(): void {
    this.covered.abort(() => this.server.kill());
  }

  #recordMover(mover: number): void {
    try {
      if (this.journal.entry) this.journal.write({ mover: nameProcess(mover) });
    } catch (error) {
      // On the way back it is better to continue than to be able to name the process.
      if (!this.ending) throw error;
      this.listener.log((error as Error).message);
    }
  }
}
