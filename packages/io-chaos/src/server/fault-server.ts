import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { OrdealError } from '@ordeal/diagnostics';
import { childExit, listThreads, readStat, STAT, threadState } from '@ordeal/linux';
import { type Peer, socketPeer } from '../peer.js';
import { PendingAnswers } from '../pending-answers.js';
import { startProgram } from '../start-program.js';
import type { GroupCounts, ServerAnswer, ServerCommand } from './server-message.js';

/**
 * Longest time that a server may take to answer, in milliseconds: a live one starts within half a second of CPU time.
 */
const LIMIT = 20_000;
/** Milliseconds between two looks whether a killed child has ended. */
const REAPING = 10;
/** Milliseconds that it may take to answer whether it still serves. */
const PING_LIMIT = 3_000;

/** What a server sends to its keeper besides answers. */
export interface ServerListener {
  /** A log line of the server. */
  readonly log: (line: string) => void;
  /** A rule of a group has halted the volume. */
  readonly halted: (group: number) => void;
  /** The rules of a group were off for this many milliseconds, because its lease was not renewed. */
  readonly resumed: (group: number, milliseconds: number) => void;
}

type ServerDone = Extract<ServerAnswer, { kind: 'done' }>;

/** The keeper's side of a server process. */
export class FaultServer {
  readonly #child: ChildProcess;
  /** Undefined if the process could not be started. */
  readonly #peer: Peer<ServerAnswer, ServerCommand> | undefined;
  /** Resolves when the process has ended, however. */
  readonly ended: Promise<void>;
  readonly #pending = new PendingAnswers<ServerAnswer>();
  readonly #started: Promise<ServerAnswer | undefined>;
  #startedId = 0;
  #counts: GroupCounts = new Map();
  #over = false;
  /** How much it does that may take long. */
  #busy = 0;
  #descriptorKeeper: number | undefined;
  #asked: { readonly at: number; readonly used: number } | undefined;

  #listener: ServerListener | undefined;
  /** Lines that came before there was a listener. */
  readonly #lines: string[] = [];

  /** Starts it; it serves nothing yet. */
  constructor() {
    this.#child = startProgram('server', [String(process.pid)]);
    this.#started = this.#pending.ask((id) => {
      this.#startedId = id;
    }, LIMIT);
    const socket = this.#child.stdio?.[3];
    if (socket instanceof Socket) this.#peer = socketPeer(socket);
    this.#peer?.listen(
      (answer) => this.#hear(answer),
      () => undefined,
    );
    this.ended = new Promise((resolve) => {
      const end = () => {
        this.#over = true;
        this.#pending.end();
        resolve();
      };
      this.#child.once('exit', end);
      this.#child.once('error', end);
    });
  }

  /** From now on it reports there; lines of before, too. */
  listen(listener: ServerListener): void {
    this.#listener = listener;
    for (const line of this.#lines.splice(0)) listener.log(line);
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /**
   * A child of this process that shares the server's descriptors and outlives it, once the server has started:
   * {@link FaultServer.close} ends it.
   */
  get descriptorKeeper(): number | undefined {
    return this.#descriptorKeeper;
  }

  get over(): boolean {
    return this.#over;
  }

  /** As the server last reported them. */
  get counts(): GroupCounts {
    return this.#counts;
  }

  /** Waits until it accepts commands. @throws OrdealError ORD-713 if it dies or takes too long */
  async started(): Promise<void> {
    if ((await this.#started) === undefined) throw this.#silent('start');
  }

  /**
   * Waits until it is done.
   *
   * @param milliseconds how long it may take. A server that is busy with it must not be killed, so that {@link look} rests
   *   where this is not the default
   * @throws OrdealError ORD-713 if the server dies or does not answer
   */
  async ask(command: ServerCommand, milliseconds = LIMIT): Promise<ServerDone> {
    if (milliseconds !== LIMIT) this.#busy++;
    const answer = await this.#pending.ask((id) => this.tell({ ...command, id }), milliseconds);
    if (milliseconds !== LIMIT) this.#busy--;
    if (answer?.kind !== 'done') throw this.#silent(command.kind);
    return answer;
  }

  /** For commands that need no answer. */
  tell(command: ServerCommand): void {
    if (!this.#over) this.#peer?.tell(command);
  }

  /**
   * To be called once a second: a server that is stopped or hangs is killed, but not one whose threads wait for a disk or a CPU:
   * its users would have to wait on the underlying file system, too.
   *
   * @param waiting whether requests wait for it
   */
  look(waiting: () => boolean): void {
    if (this.#over || this.#busy > 0) return;
    const asked = this.#asked;
    if (asked === undefined) {
      if (waiting()) this.#ping();
      return;
    }
    if (performance.now() - asked.at < PING_LIMIT || waits(this.pid, 'D')) return;
    const starves = waits(this.pid, 'R') && processorTime(this.pid) - asked.used < PING_LIMIT / 2;
    if (!starves) this.kill();
  }

  #ping(): void {
    this.#asked = { at: performance.now(), used: processorTime(this.pid) };
    void this.#pending
      .ask((id) => this.tell({ kind: 'ping', id }), Number.POSITIVE_INFINITY)
      .then(() => {
        this.#asked = undefined;
      });
  }

  kill(): void {
    if (!this.#over) this.#child.kill('SIGKILL');
  }

  #hear(answer: ServerAnswer): void {
    const listener = this.#listener;
    if ('counts' in answer) this.#counts = answer.counts;
    if (answer.kind === 'log') {
      if (listener) listener.log(answer.line);
      else this.#lines.push(answer.line);
    } else if (answer.kind === 'halted') listener?.halted(answer.group);
    else if (answer.kind === 'resumed') listener?.resumed(answer.group, answer.milliseconds);
    else if (answer.kind === 'done') this.#pending.answer(answer.id, answer);
    else if (answer.kind === 'started') {
      this.#descriptorKeeper = answer.descriptorKeeper;
      this.#pending.answer(this.#startedId, answer);
    }
  }

  #silent(what: ServerCommand['kind'] | 'start'): OrdealError {
    const death = this.#over ? ': it has died' : '';
    return new OrdealError('ORD-713', `the server was to ${what} and does not answer${death}`);
  }

  /** Releases what the server had open. Does not wait for the server's own end. */
  close(): void {
    // This child has not been reaped, so its pid cannot be reused.
    if (this.#descriptorKeeper !== undefined) {
      process.kill(this.#descriptorKeeper, 'SIGKILL');
      reap(this.#descriptorKeeper);
    }
    this.#descriptorKeeper = undefined;
    this.#peer?.close();
  }
}

/** Node does not know this child (CLONE_PARENT), so that it would stay as a zombie. */
function reap(pid: number): void {
  if (childExit(pid) === undefined) setTimeout(() => reap(pid), REAPING).unref();
}

/** Whether a thread is in uninterruptible sleep (D) or runnable (R). */
function waits(pid: number, state: 'D' | 'R'): boolean {
  return listThreads(pid).some((tid) => threadState(pid, tid) === state);
}

/** Milliseconds of CPU time that all threads have used. */
function processorTime(pid: number): number {
  const stat = readStat(pid);
  return stat ? (Number(stat[STAT.userTime]) + Number(stat[STAT.systemTime])) * 10 : 0;
}
