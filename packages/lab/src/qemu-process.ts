import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex, Readable } from 'node:stream';

export interface QemuOptions {
  readonly arguments: readonly string[];
  /** Descriptors that the child inherits as 4, 5, … */
  readonly inherited: readonly number[];
  /** Seconds after which it is killed by a process of its own; 0 for never. */
  readonly lifetimeSeconds: number;
  /** Whether it uses this process's terminal. */
  readonly terminal: boolean;
}

/** The descriptor of the agent's line in QEMU, and the first of the inherited ones. */
export const AGENT_FD = 3;
export const FIRST_INHERITED_FD = 4;

export const QEMU = 'qemu-system-x86_64';
/** How long a killed QEMU may take to exit; one that hangs in a broken KVM can take longer. */
const REAP_LIMIT_MS = 5000;

/**
 * A QEMU process that dies with this one: the kernel kills it (and the timer in between) when its parent ends, and
 * the guest resets when the agent's line closes.
 */
export class QemuProcess {
  /** Resolves when it has ended, with its standard error. */
  readonly gone: Promise<string>;
  readonly agentStream: Duplex;
  readonly #child: ChildProcess;

  constructor(options: QemuOptions) {
    const [program = QEMU, ...rest] = command(options);
    const terminal = options.terminal ? 'inherit' : 'ignore';
    this.#child = spawn(program, rest, {
      stdio: [terminal, terminal, 'pipe', 'pipe', ...options.inherited],
      // Out of the terminal's process group, so that Ctrl-C reaches the guest's command and not QEMU.
      detached: !options.terminal,
    });
    this.agentStream = this.#child.stdio[AGENT_FD] as Duplex;
    let words = '';
    (this.#child.stderr as Readable).setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-4096);
    });
    this.gone = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(error.message));
      this.#child.once('close', () => resolve(words.trim()));
    });
  }

  /** Kills it and waits, within a limit, until it has ended. Idempotent, never throws. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    this.agentStream.destroy();
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, REAP_LIMIT_MS);
    });
    await Promise.race([this.gone, limit]);
    clearTimeout(timer);
  }
}

function command(options: QemuOptions): string[] {
  const diesWithParent = ['setpriv', '--pdeathsig', 'KILL'];
  const qemu = [...diesWithParent, QEMU, ...options.arguments];
  if (options.lifetimeSeconds <= 0) return qemu;
  // In the foreground, or timeout would leave the terminal's process group.
  const limit = ['timeout', '--foreground', '--signal', 'KILL', String(options.lifetimeSeconds)];
  return [...diesWithParent, ...limit, ...qemu];
}
