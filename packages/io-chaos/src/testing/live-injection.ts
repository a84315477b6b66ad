import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readProcessState, sendSignal } from '@ordeal/linux';
import type { Journal } from '../journal/journal.js';
import type { Recovered } from '../recovery/recovery.js';
import { halting } from './halting.js';
import { haltedOf, processesOf, read } from './processes-of-run.js';
import { eventually, type Target } from './target.js';

/**
 * Everybody who has to do with one injection, by the names of their programs; the descriptor keeper is the server's.
 */
export type Player = 'owner' | 'keeper' | 'server' | 'descriptor keeper' | 'mover' | 'recover';

/** Milliseconds to wait for many processes that start one after the other, on a machine that does other things, too. */
export const PATIENCE = 60_000;

export interface LiveInjectionOptions {
  /**
   * Where one of them halts: `ROLE: STEP` of {@link STEPS}, or `ROLE: STEP #2` for the second time. A server that halts is
   * killed by its keeper after some seconds.
   */
  readonly haltAt?: string;
  /** What the specification has besides. */
  readonly spec?: object;
  /** How the volume is called, where it is not by its own path. */
  readonly path?: string;
  /** Whether Ordeal's processes see the volume as the target does, as they do on a host. */
  readonly sameNamespace?: boolean;
  /** The cgroup that the owner is started in: a directory. */
  readonly cgroup?: string;
  /** What the owner is started with: a program that runs its arguments, and arguments of its own. */
  readonly startedBy?: readonly string[];
  /** Another one, which holds the volume already: its run directory is used, and closed with it. */
  readonly joins?: LiveInjection;
}

/** Arguments: the `cgroup.procs` to enter, then the command. Container runtimes make a namespace of the cgroup, too. */
const ENTER = 'echo 0 > "$0" && exec unshare --cgroup "$@"';

const PAUSE = new Int32Array(new SharedArrayBuffer(4));

/** An injection into a living target, with journals of its own. */
export class LiveInjection {
  readonly #target: Target;
  readonly owner: ChildProcess;
  readonly #run: string;
  readonly #errors: string;
  readonly #lines: AsyncIterator<string>;
  readonly #environment: NodeJS.ProcessEnv;
  /** What starts a Node program, in the right mount namespace. */
  readonly #node: readonly [string, ...string[]];
  /** Resolves when the owner has armed, or ended; returns which. */
  readonly armed: Promise<boolean>;
  #armedLine: string | undefined;

  constructor(target: Target, options: LiveInjectionOptions = {}) {
    const { haltAt, spec = {}, path, sameNamespace, cgroup, startedBy = [], joins } = options;
    this.#target = target;
    this.#run = joins ? joins.#run : mkdtempSync(join(tmpdir(), 'ordeal-run-'));
    this.#errors = join(this.#run, `errors-${readdirSync(this.#run).length}`);
    this.#node = sameNamespace
      ? ['nsenter', '-t', String(target.pid), '-m', process.execPath]
      : [process.execPath];
    this.#environment = { ...process.env, ORDEAL_RUN: this.#run, ...halting(haltAt) };
    const { pid, volume } = target;
    const errors = openSync(this.#errors, 'w');
    const enter = cgroup === undefined ? [] : ['sh', '-c', ENTER, join(cgroup, 'cgroup.procs')];
    const argv = [program('owner'), String(pid), path ?? volume, JSON.stringify(spec)];
    const [command = '', ...words] = [...enter, ...startedBy, ...this.#node, ...argv];
    this.owner = spawn(command, words, { stdio: ['pipe', 'pipe', errors], env: this.#environment });
    closeSync(errors);
    const { stdin, stdout } = this.owner;
    if (!stdin || !stdout) throw new Error('no pipes');
    stdin.on('error', () => undefined);
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
    this.armed = this.#lines.next().then(({ value }) => {
      this.#armedLine = value;
      return value !== undefined;
    });
  }

  /** How often processes were stopped until nothing was left to move to the faults. */
  get passes(): number {
    return Number(this.#armedLine?.split(' ')[1]);
  }

  /** Takes it back. @returns how often its first rule fired */
  async recovered(): Promise<number> {
    this.end();
    const { value } = await this.#lines.next();
    assert.ok(value, this.notes);
    const [methods = []] = JSON.parse(value) as { fired: number }[][];
    return methods.reduce((sum, { fired }) => sum + fired, 0);
  }

  /** Waits until the faults are there. */
  async arm(): Promise<void> {
    assert.ok(await this.armed, this.notes);
  }

  /** Tells the owner to take it back. */
  end(): void {
    this.owner.stdin?.write('end\n');
  }

  /** The living processes of the injection, or of one program. */
  processes(player?: Player): number[] {
    return processesOf(this.#run).filter((pid) => player === undefined || playerOf(pid) === player);
  }

  /** The notes of the owner, and its last error. */
  get notes(): string {
    return read(this.#errors);
  }

  /** Whether there was ever a journal. */
  get hasBegun(): boolean {
    return existsSync(join(this.#run, 'io'));
  }

  get journals(): string[] {
    return this.#files.filter((name) => name.endsWith('.json'));
  }

  /** The only one. */
  get journal(): Journal {
    return JSON.parse(read(join(this.#run, 'io', this.journals[0] ?? ''))) as Journal;
  }

  /** Journals, and the sockets of keepers. */
  get #files(): string[] {
    return existsSync(join(this.#run, 'io')) ? readdirSync(join(this.#run, 'io')) : [];
  }

  /** Waits until a process has halted. @returns the process */
  async halted(): Promise<number> {
    const path = join(this.#run, 'halted');
    const halted = () => haltedOf(this.#run);
    // A program that was just forked does not show its environment yet.
    const ownerEnded = () => this.owner.exitCode !== null || this.owner.signalCode !== null;
    const over = () => !existsSync(path) && ownerEnded() && this.processes().length === 0;
    await eventually('somebody halts', () => halted() !== undefined || over(), PATIENCE);
    const pid = halted();
    assert.ok(pid !== undefined, `nobody halts; ${this.notes}`);
    return pid;
  }

  /**
   * Waits until the mover of the way back waits for the server's death: it then acts before its users are told of it. Or
   * until the server is dead, since one that halted is killed by its keeper.
   */
  async moverReady(): Promise<void> {
    const waits = (pid: number) =>
      read(`/proc/${pid}/maps`).includes('koffi') &&
      /^(do_epoll_wait|ep_poll)$/.test(read(`/proc/${pid}/wchan`));
    const ready = () => this.processes('mover').some(waits) || this.processes('server').length === 0;
    await eventually('the mover waits', ready, PATIENCE);
  }

  kill(...players: readonly Player[]): void {
    for (const pid of players.flatMap((player) => this.processes(player))) sendSignal(pid, 'SIGKILL');
  }

  /** Runs a recovery of its own; `undefined` if that was killed. */
  async recover(haltAt?: string): Promise<Recovered[] | undefined> {
    const env = { ...this.#environment, ...halting(haltAt) };
    try {
      const [command, ...before] = this.#node;
      const { stdout } = await promisify(execFile)(command, [...before, program('recover')], { env });
      return JSON.parse(stdout) as Recovered[];
    } catch (error) {
      if ((error as { signal?: string }).signal === 'SIGKILL') return undefined;
      throw error;
    }
  }

  /** The target works on the underlying file system, and nothing is left: no mount, no journal, no process. */
  async assertGone(): Promise<void> {
    this.owner.kill('SIGKILL');
    const living = () => this.processes().map((pid) => `${pid} ${playerOf(pid)} ${readProcessState(pid)}`);
    await eventually('all processes end', () => living().length === 0, PATIENCE, living);
    await this.#target.assertBare();
    assert.deepEqual(this.#files, []);
  }

  /** Ends all of it, and the target. */
  close(): void {
    // One that is not quite dead could still make its run directory.
    for (let alive = this.processes(); alive.length > 0; alive = this.processes()) {
      for (const pid of alive) sendSignal(pid, 'SIGKILL');
      Atomics.wait(PAUSE, 0, 0, 5);
    }
    this.#target.close();
    rmSync(this.#run, { recursive: true });
  }
}

/** The descriptor keeper shares the server's memory, and with it its command line. */
function playerOf(pid: number): string | undefined {
  if (read(`/proc/${pid}/comm`) === 'ordeal-fds\n') return 'descriptor keeper';
  return /\/(\w+)\.c?js\0/.exec(read(`/proc/${pid}/cmdline`))?.[1];
}

function program(name: string): string {
  return fileURLToPath(new URL(`./${name}.js`, import.meta.url));
}
