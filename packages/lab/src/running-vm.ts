import { OrdealError } from '@ordeal/diagnostics';
import type { AgentLine } from './agent-line.js';
import { lastConsoleLines } from './console-log.js';
import type { QemuProcess } from './qemu-process.js';
import type { GuestCommand, RunOptions, RunResult, Vm } from './vm.js';
import type { RunRequest } from './wire.js';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** After SIGKILL the agent must answer within this time, or the guest itself hangs. */
const UNRESPONSIVE_MS = 5000;

export interface RunningVmParts {
  readonly qemu: QemuProcess;
  readonly line: AgentLine;
  readonly accelerator: 'kvm' | 'tcg';
  readonly kernelVersion: string;
  readonly logPath: string;
  readonly bootMs: number;
  /** As `BootOptions.timeouts.lifetimeMs`. */
  readonly lifetimeMs: number;
}

/** A VM whose agent has answered. Owns the QEMU process. */
export class RunningVm implements Vm {
  readonly accelerator: 'kvm' | 'tcg';
  readonly kernelVersion: string;
  readonly logPath: string;
  readonly bootMs: number;
  readonly #lifetimeMs: number;
  readonly #qemu: QemuProcess;
  readonly #line: AgentLine;

  constructor(parts: RunningVmParts) {
    this.accelerator = parts.accelerator;
    this.kernelVersion = parts.kernelVersion;
    this.logPath = parts.logPath;
    this.bootMs = parts.bootMs;
    this.#lifetimeMs = parts.lifetimeMs;
    this.#qemu = parts.qemu;
    this.#line = parts.line;
    void this.#failWhenGone();
  }

  start(argv: readonly string[], options: RunOptions = {}): GuestCommand {
    const command = this.#line.start(request(argv, options), options);
    if (!options.forwardSignals && options.timeoutMs === undefined) return command;
    const result = this.#guarded(command, options);
    result.catch(() => {});
    return { ...command, result };
  }

  run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return this.start(argv, options).result;
  }

  async runOnTerminal(
    argv: readonly string[],
    options: Pick<RunOptions, 'cwd' | 'env'> = {},
  ): Promise<RunResult> {
    const { rows = 0, columns = 0 } = process.stdout;
    return await this.#line.start({ ...request(argv, options), rows, columns }, {}, true).result;
  }

  async shutdown(): Promise<void> {
    await this.#qemu.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  async #guarded(command: GuestCommand, options: RunOptions): Promise<RunResult> {
    const forward = (signal: NodeJS.Signals): void => command.kill(signal);
    if (options.forwardSignals) for (const signal of FORWARDED) process.on(signal, forward);
    const timers: NodeJS.Timeout[] = [];
    if (options.timeoutMs !== undefined) {
      timers.push(setTimeout(() => command.kill('SIGKILL'), options.timeoutMs));
      timers.push(setTimeout(() => void this.shutdown(), options.timeoutMs + UNRESPONSIVE_MS));
    }
    try {
      return await command.result;
    } finally {
      timers.forEach(clearTimeout);
      if (options.forwardSignals) for (const signal of FORWARDED) process.off(signal, forward);
    }
  }

  async #failWhenGone(): Promise<void> {
    const started = performance.now();
    const words = (await this.#qemu.gone).split('\n').filter((text) => text !== '');
    const detail = [...words, ...(await lastConsoleLines(this.logPath))];
    const limitMs = this.#lifetimeMs;
    const atLimit = limitMs > 0 && performance.now() - started + this.bootMs >= limitMs;
    const what = atLimit ? `the VM was killed at its time limit of ${limitMs / 1000} s` : 'the VM ended';
    this.#line.fail(new OrdealError('ORD-608', `${what}; its console log is ${this.logPath}`, { detail }));
  }
}

function request(argv: readonly string[], options: Pick<RunOptions, 'cwd' | 'env'>): RunRequest {
  return { argv, cwd: options.cwd ?? '/', env: guestEnvironment(options.env), rows: 0, columns: 0 };
}

/** A command's environment: nothing of the host's except the terminal type, and the requested variables. */
export function guestEnvironment(wanted: RunOptions['env'] = {}): Record<string, string> {
  const environment: Record<string, string | undefined> = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    LANG: 'C.UTF-8',
    TERM: process.env.TERM ?? 'dumb',
    ORDEAL_LAB: '1',
    ...wanted,
  };
  const entries = Object.entries(environment);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
