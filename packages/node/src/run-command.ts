import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { OrdealError } from '@ordeal/diagnostics';
import { readProcessState } from './process-state.js';

/** How a command ended: exactly one is set. */
export interface CommandEnd {
  readonly exitCode: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
}

/**
 * Becomes the command after it has put itself where it shall run, so that no instruction of the command runs
 * elsewhere: `$0` is the file to write its own pid to, or `-` to stop until it is continued.
 */
const LAUNCHER = 'if [ "$0" = - ]; then kill -STOP $$; else echo $$ > "$0" || exit 126; fi; exec "$@"';
/** Milliseconds for the launcher to stop, at the most. */
const LAUNCH_LIMIT = 10_000;

/** A command with this process's input and output. */
export class RunningCommand {
  readonly #child: ChildProcess;
  /** Resolves when the command has ended. */
  readonly ended: Promise<CommandEnd>;
  #over = false;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.ended = once(child, 'exit').then(([code, signal]: (number | string | null)[]) => {
      this.#over = true;
      return {
        exitCode: (code as number | null) ?? undefined,
        signal: (signal as NodeJS.Signals | null) ?? undefined,
      };
    });
  }

  /**
   * Starts the command inside a cgroup.
   * @throws OrdealError ORD-303 where there is no such program
   */
  static async startIn(cgroupPath: string, command: readonly string[]): Promise<RunningCommand> {
    return RunningCommand.#launch(`${cgroupPath}/cgroup.procs`, command);
  }

  /** Starts the command where this process is. */
  static start(command: readonly string[]): Promise<RunningCommand> {
    return RunningCommand.#launch('/dev/null', command);
  }

  /** Starts the command but holds it before its first instruction, until {@link continue}. */
  static async startStopped(command: readonly string[]): Promise<RunningCommand> {
    const running = await RunningCommand.#launch('-', command);
    for (let waited = 0; waited < LAUNCH_LIMIT; waited += 5) {
      if (readProcessState(running.pid) === 'T') return running;
      await sleep(5);
    }
    running.kill('SIGKILL');
    throw new OrdealError('ORD-303', `${command[0]} could not be started: the launcher did not stop`);
  }

  static async #launch(placement: string, command: readonly string[]): Promise<RunningCommand> {
    const child = spawn('/bin/sh', ['-c', LAUNCHER, placement, ...command], { stdio: 'inherit' });
    try {
      await once(child, 'spawn');
    } catch (cause) {
      throw new OrdealError('ORD-303', `${command[0]} could not be started: no /bin/sh`, { cause });
    }
    return new RunningCommand(child);
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get over(): boolean {
    return this.#over;
  }

  continue(): void {
    this.kill('SIGCONT');
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
