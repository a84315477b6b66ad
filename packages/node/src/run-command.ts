import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { OrdealError } from '@ordeal/diagnostics';
import { type ExecStop, readProcessState, SyscallError, stopAfterExec } from '@ordeal/linux';

/** How a command ended: exactly one is set. */
export interface CommandEnd {
  readonly exitCode: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
}

/** The point at which a started command waits for {@link RunningCommand.continue}. */
export type Halt = 'before exec' | 'after exec';

/** How to start a command. */
export interface StartOptions {
  /** The cgroup that it runs in from its launch on; undefined = the one of this process. */
  readonly cgroupPath?: string | undefined;
  /** Undefined = it runs at once. */
  readonly halt?: Halt | undefined;
  /** Its standard output becomes this process's standard error. */
  readonly outputToError?: boolean;
}

/**
 * Becomes the command after it has entered the cgroup, so that no instruction of the command runs elsewhere: `$1` is
 * the file to write its own pid to.
 */
const LAUNCHER = 'echo $$ > "$1" || exit 126; shift; exec "$@"';
/**
 * The same, but stops until it is continued. It is killed if descriptor 3 ends without a line: the process that was to
 * continue it is dead. A process outside the cgroup waits for that, not a child of the command.
 */
const HELD_LAUNCHER = `
( { read -r _ || kill -KILL $$; } <&3 >/dev/null 2>&1 & )
exec 3<&-; echo $$ > "$1" || exit 126; kill -STOP $$; shift; exec "$@"`;
/** Longest time in milliseconds for the launcher to stop, and for the exec. */
const LAUNCH_LIMIT = 10_000;

/** A command with this process's input and output. */
export class RunningCommand {
  readonly #child: ChildProcess;
  /** A pipe: if it ends without a line, a held command is killed. */
  readonly #lifeline: Writable | null | undefined;
  /** Resolves when the command has ended. */
  readonly ended: Promise<CommandEnd>;
  #over = false;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#lifeline = child.stdio[3] as Writable | null | undefined;
    this.#lifeline?.on('error', () => undefined);
    this.ended = once(child, 'exit').then(([code, signal]: (number | string | null)[]) => {
      this.#over = true;
      this.#lifeline?.end('\n');
      return {
        exitCode: (code as number | null) ?? undefined,
        signal: (signal as NodeJS.Signals | null) ?? undefined,
      };
    });
  }

  /**
   * Starts a command.
   *
   * @throws OrdealError ORD-303 if it cannot be executed; nothing of it is left then
   */
  static async start(command: readonly string[], options: StartOptions = {}): Promise<RunningCommand> {
    const { cgroupPath, halt, outputToError = false } = options;
    const placement = cgroupPath === undefined ? '/dev/null' : `${cgroupPath}/cgroup.procs`;
    const launcher = halt === undefined ? LAUNCHER : HELD_LAUNCHER;
    const output = outputToError ? process.stderr.fd : 'inherit';
    const child = spawn('/bin/sh', ['-c', launcher, 'ordeal', placement, ...command], {
      stdio: ['inherit', output, 'inherit', halt === undefined ? 'ignore' : 'pipe'],
    });
    try {
      await once(child, 'spawn');
    } catch (cause) {
      throw new OrdealError('ORD-303', `${command[0]} could not be started: no /bin/sh`, { cause });
    }
    const running = new RunningCommand(child);
    if (halt === undefined) return running;
    try {
      await running.#launched(command[0] ?? '');
      if (halt === 'after exec') await running.#executed(command[0] ?? '');
      return running;
    } catch (error) {
      running.kill('SIGKILL');
      await running.ended;
      throw error;
    }
  }

  /** Waits until the launcher has stopped. */
  async #launched(name: string): Promise<void> {
    for (let waited = 0; waited < LAUNCH_LIMIT; waited += 5) {
      if (readProcessState(this.pid) === 'T') return;
      if (this.#over) break;
      await sleep(5);
    }
    throw new OrdealError('ORD-303', `${name} could not be started: its launcher did not stop`);
  }

  /** Makes the stopped launcher become the command, which stops before its first instruction. */
  async #executed(name: string): Promise<void> {
    let outcome: ExecStop;
    try {
      outcome = stopAfterExec(this.pid, LAUNCH_LIMIT);
    } catch (cause) {
      if (!(cause instanceof SyscallError)) throw cause;
      throw new OrdealError('ORD-303', `${name} cannot be stopped after its exec: ${cause.message}`, {
        cause,
        hint: 'Run it where processes may be traced, or with --with-exec, which arms before the exec.',
      });
    }
    if (outcome === 'timeout')
      throw new OrdealError('ORD-303', `${name} was not executed within ${LAUNCH_LIMIT / 1000} s`);
    if (outcome === 'stopped') return;
    const end = shellStatus(await this.ended);
    throw new OrdealError('ORD-303', `${name} could not be executed: the shell ended with ${end}`);
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get over(): boolean {
    return this.#over;
  }

  continue(): void {
    this.kill('SIGCONT');
    this.#lifeline?.end('\n');
  }

  /** Sends a signal to the command itself; nothing happens once it has ended. */
  kill(signal: NodeJS.Signals): void {
    if (!this.#over) this.#child.kill(signal);
  }
}

/** The exit status that a shell would report. */
export function shellStatus({ exitCode, signal }: CommandEnd): number {
  return exitCode ?? 128 + (signal === undefined ? 0 : (constants.signals[signal] ?? 0));
}
