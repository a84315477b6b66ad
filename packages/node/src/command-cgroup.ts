import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { OrdealError } from '@ordeal/diagnostics';
import { type Cgroup, readCgroup, readProcessStatus } from '@ordeal/linux';

/** All cgroups that Ordeal makes lie below this one, which holds no process itself. */
const PARENT = 'ordeal';
/** Milliseconds to wait for the last processes of a command to end. */
const REMOVAL_LIMIT = 1_000;
/** Controllers that make the kernel attribute writeback to the cgroup that dirtied the page. */
const CONTROLLERS = ['io', 'memory'];

/**
 * A cgroup for one command, named after this process. Its creator removes it.
 */
export class CommandCgroup {
  readonly cgroup: Cgroup;
  /** Whether block I/O is attributed to this cgroup; without it buffered writes are not recognised. */
  readonly ownsIo: boolean;
  #rooms = 0;
  #room: string | undefined;

  private constructor(cgroup: Cgroup, ownsIo: boolean) {
    this.cgroup = cgroup;
    this.ownsIo = ownsIo;
  }

  /** @param root where the v2 hierarchy is mounted. @throws OrdealError ORD-503 if no cgroup can be made there */
  static create(root: string): CommandCgroup {
    const parent = join(root, PARENT);
    makeCgroup(parent);
    removeAbandoned(parent);
    const ownsIo = enableControllers(parent);
    for (let number = 0; ; number++) {
      const path = join(parent, `${process.pid}-${number}`);
      if (existsSync(path)) continue;
      makeCgroup(path);
      return new CommandCgroup(readCgroup(root, path), ownsIo);
    }
  }

  /**
   * The path of a cgroup inside, in which processes may be started by clone3(2). It is another one after {@link kill}: Linux
   * 6.14 and later kill at once whatever is started so in a cgroup that was killed before.
   */
  get room(): string {
    if (this.#room === undefined) {
      if (this.#rooms > 0) removeTree(join(this.cgroup.path, `${this.#rooms}`));
      this.#room = join(this.cgroup.path, `${++this.#rooms}`);
      makeCgroup(this.#room);
    }
    return this.#room;
  }

  /** Kills what is left inside, if anything. Linux ≥ 5.14; before that the processes are killed one by one. */
  kill(): void {
    this.#room = undefined;
    const file = join(this.cgroup.path, 'cgroup.kill');
    if (existsSync(file)) {
      writeFileSync(file, '1');
      return;
    }
    this.signal('SIGKILL');
  }

  /** Sends a signal to every process inside, as a terminal does to the processes in its foreground. */
  signal(signal: NodeJS.Signals): void {
    for (const pid of this.processes()) {
      try {
        process.kill(pid, signal);
      } catch {
        // It has ended since.
      }
    }
  }

  /** Ids of the processes inside, those of child cgroups not included. */
  processes(): number[] {
    return readFileSync(join(this.cgroup.path, 'cgroup.procs'), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map(Number);
  }

  /** Whether any process is inside, those of child cgroups included. */
  get populated(): boolean {
    return /^populated 1$/m.test(readFileSync(join(this.cgroup.path, 'cgroup.events'), 'utf8'));
  }

  /**
   * Removes the cgroup, waiting briefly for processes that are ending. One that still holds processes (the
   * command left a daemon behind) stays, and is removed by the next {@link create} after they have ended.
   */
  async remove(): Promise<void> {
    for (let waited = 0; waited < REMOVAL_LIMIT && existsSync(this.cgroup.path); waited += 20) {
      removeTree(this.cgroup.path);
      if (existsSync(this.cgroup.path)) await sleep(20);
    }
  }
}

/** Empty cgroups of runs whose process has ended. */
function removeAbandoned(parent: string): void {
  for (const name of readdirSync(parent)) {
    const owner = /^(\d+)-\d+$/.exec(name)?.[1];
    if (owner !== undefined && !readProcessStatus(Number(owner))) removeTree(join(parent, name));
  }
}

/** Children first; a cgroup in use answers EBUSY and stays. */
function removeTree(path: string): void {
  try {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory()) removeTree(join(path, entry.name));
    }
    rmdirSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EBUSY' && code !== 'ENOENT') throw error;
  }
}

/** Enables the controllers below our own directory only: the host's top level is not ours to change. */
function enableControllers(parent: string): boolean {
  const offered = readFileSync(join(parent, 'cgroup.controllers'), 'utf8').trim().split(' ');
  const wanted = CONTROLLERS.filter((name) => offered.includes(name)).map((name) => `+${name}`);
  try {
    if (wanted.length > 0) writeFileSync(join(parent, 'cgroup.subtree_control'), wanted.join(' '));
  } catch {
    // A threaded or otherwise bound hierarchy: the scope still works, only writeback is not attributed.
    return false;
  }
  return wanted.length === CONTROLLERS.length;
}

function makeCgroup(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new OrdealError('ORD-503', `No cgroup can be made for the command: ${why}`, { cause });
  }
}
