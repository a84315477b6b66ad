import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { halting } from '@ordeal/io-chaos/testing';
import type { Status } from '../status.js';
import type { Applied } from '../supervisor.js';
import { eventually } from './eventually.js';
import type { HoldingCommand } from './holding-program.js';
import { processesOf } from './volume-writer.js';

const program = fileURLToPath(new URL('./holding-program.js', import.meta.url));

/** A supervisor in a process of its own, with a run directory. */
export class SupervisorProcess {
  readonly #child: ChildProcess;
  readonly #run: string;
  readonly #step: string | undefined;
  /** The last one that it told. */
  status: Status | undefined;

  /** @param haltAt a step at which it stops itself */
  constructor(run: string, haltAt?: string) {
    this.#run = run;
    this.#step = haltAt;
    this.#child = spawn(process.execPath, [program, run], {
      env: { ...process.env, ORDEAL_RUN: run, ...halting(haltAt && `supervisor: ${haltAt}`) },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child.stdin?.on('error', () => undefined);
    if (!this.#child.stdout) throw new Error('no output');
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.status = JSON.parse(line) as Status;
    });
  }

  apply(applied: Applied): void {
    this.#tell({ apply: applied });
  }

  remove(): void {
    this.#tell({ remove: true });
  }

  phaseBecomes(phase: Status['phase']): Promise<void> {
    return eventually(`it is ${phase}`, () => this.status?.phase === phase);
  }

  /** Waits until it has stopped itself. */
  async halted(): Promise<void> {
    const path = join(this.#run, 'halted');
    await eventually(`it halts at ${this.#step}`, () => read(path).endsWith('\n'));
    rmSync(path);
  }

  /** SIGKILL for it, and for processes that hold its injections. */
  async kill(victims = /holding-program/): Promise<void> {
    const ended = once(this.#child, 'exit');
    for (const pid of processesOf(this.#run))
      if (victims.test(read(`/proc/${pid}/cmdline`))) process.kill(pid, 'SIGKILL');
    await ended;
  }

  async end(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
  }

  #tell(command: HoldingCommand): void {
    this.#child.stdin?.write(`${JSON.stringify(command)}\n`);
  }
}

/** Empty if there is no such file, or the process has ended. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
