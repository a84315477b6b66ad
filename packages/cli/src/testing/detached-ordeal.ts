import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunStatus } from '@ordeal/supervisor';
import { eventually } from './eventually.js';

const program = fileURLToPath(new URL('../../bin/ordeal.mjs', import.meta.url));

export interface Said {
  readonly code: number | NodeJS.Signals;
  readonly out: string;
  readonly err: string;
}

/** A command of ordeal that runs. */
export interface Asking {
  readonly child: ChildProcess;
  readonly said: Promise<Said>;
}

/** A machine's detached runs, apart from those of the host: a run directory of its own. */
export class DetachedOrdeal {
  readonly directory = mkdtempSync(join(tmpdir(), 'ordeal-detached-'));
  readonly run = join(this.directory, 'run');

  constructor() {
    mkdirSync(this.run);
  }

  /** Starts `ordeal …`. */
  begin(...words: readonly string[]): Asking {
    const child = spawn(process.execPath, [program, ...words], {
      env: { ...process.env, ORDEAL_RUN: this.run },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const texts = { out: '', err: '' };
    child.stdout.on('data', (data: Buffer) => {
      texts.out += data.toString();
    });
    child.stderr.on('data', (data: Buffer) => {
      texts.err += data.toString();
    });
    const said = once(child, 'close').then(([code, signal]) => ({ code: code ?? signal, ...texts }));
    return { child, said };
  }

  /** Runs `ordeal …` to its end. */
  ask(...words: readonly string[]): Promise<Said> {
    return this.begin(...words).said;
  }

  /** The same for one that must work. @returns what it printed */
  async tell(...words: readonly string[]): Promise<string> {
    const said = await this.ask(...words);
    assert.equal(said.code, 0, `${words.join(' ')}: ${JSON.stringify(said)} ${this.output}`);
    return said.out;
  }

  async list(): Promise<RunStatus[]> {
    return JSON.parse(await this.tell('ps', '--all', '--json')) as RunStatus[];
  }

  /** A file of these documents. */
  file(text: string, name = 'io.yaml'): string {
    const path = join(this.directory, name);
    writeFileSync(path, text);
    return path;
  }

  /** What is on the disk about a run; empty if nothing is. */
  entry(name: string): string {
    return read(join(this.run, 'runs', `${name}.json`));
  }

  /** The last words of supervisors. */
  get output(): string {
    return read(join(this.run, 'supervisor', 'output'));
  }

  /** Supervisors that run. */
  supervisors(): number[] {
    return this.#processes().filter((pid) => read(`/proc/${pid}/cmdline`).includes('supervisor-process'));
  }

  /**
   * Waits until there is one. One that was started as well ends when it finds the other; a child of it that has not called execve(2)
   * yet has its command line, too.
   */
  async onlySupervisor(): Promise<number> {
    let pids: readonly number[] = [];
    await eventually('there is one supervisor', () => {
      pids = this.supervisors();
      return pids.length === 1;
    });
    return pids[0] ?? -1;
  }

  /** SIGKILL for the one that holds the runs. */
  async killSupervisor(): Promise<void> {
    const pids = this.supervisors();
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await eventually('it is dead', () => !this.supervisors().some((pid) => pids.includes(pid)));
  }

  /** Waits until the supervisor has ended by itself, and fails where anything is left. */
  async assertNothingLeft(): Promise<void> {
    await eventually(`its processes end: ${this.output}`, () => this.#processes().length === 0);
    assert.deepEqual(entries(join(this.run, 'io')), []);
    assert.deepEqual(entries(join(this.run, 'supervisor')).toSorted(), ['lock', 'output']);
    assert.equal(this.output, '');
  }

  close(): void {
    for (const pid of this.#processes()) process.kill(pid, 'SIGKILL');
    rmSync(this.directory, { recursive: true, force: true });
  }

  #processes(): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
      .filter((pid) => `${read(`/proc/${pid}/environ`)}\0`.includes(`ORDEAL_RUN=${this.run}\0`))
      .map(Number);
  }
}

function entries(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
