import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listProcesses, sendSignal } from '@ordeal/linux';
import { FIXTURES } from '@ordeal/move/testing';
import { mountNamespaceOf } from '../volume/mount-namespace.js';
import { eventually } from './target.js';

const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url));

/** What a program of the fixtures reports at its end. */
export interface ProgramResult {
  readonly problems: readonly string[];
  /** How often it did what it does. */
  readonly steps: number;
}

/** A program that works in a directory of its own in the volume. */
export interface WorkingProgram {
  readonly name: string;
  readonly pid: number;
  readonly directory: string;
  /** Path of what it writes to standard output and error. */
  readonly output: string;
}

/** Programs in a mount namespace of their own, and the volume that they share. */
export class Workload {
  readonly directory = mkdtempSync(join(tmpdir(), 'ordeal-workload-'));
  readonly volume = join(this.directory, 'volume');
  /** A process of the namespace that has nothing open in the volume. */
  readonly holder: number;
  readonly #programs: WorkingProgram[] = [];

  constructor() {
    // Programs of other users must find their way.
    chmodSync(this.directory, 0o755);
    mkdirSync(this.volume);
    this.holder = this.#spawn('unshare --mount --propagation private sleep infinity', 'holder');
  }

  /** Starts `command`, a shell command that ends with its own execution, in a new directory of the volume. */
  start(name: string, command: (directory: string) => string): WorkingProgram {
    const directory = join(this.volume, name);
    mkdirSync(directory);
    const enter = `nsenter --mount=/proc/${this.holder}/ns/mnt`;
    const pid = this.#spawn(`${enter} ${command(directory)}`, name);
    const program = { name, pid, directory, output: join(this.directory, name) };
    this.#programs.push(program);
    return program;
  }

  /** Starts a Python program of the fixtures. */
  startFixture(program: string, name: string = basename(program, '.py'), ...more: string[]): WorkingProgram {
    const path = join(fixtures, 'endurance', program);
    return this.start(name, (directory) =>
      ['python3', path, directory, this.#report(name), ...more].join(' '),
    );
  }

  /** Compiles a C program of the fixtures. @returns its path */
  compile(name: string): string {
    const program = join(this.directory, `${name}.program`);
    execFileSync('gcc', ['-O1', '-pthread', '-o', program, join(FIXTURES, `${name}.c`)]);
    return program;
  }

  /** Ends a program of {@link startFixture} and reads its report. */
  async finish({ name, pid, output }: WorkingProgram): Promise<ProgramResult> {
    process.kill(pid, 'SIGTERM');
    await ended(pid, name);
    const report = this.#report(name);
    const said = readFileSync(output, 'utf8');
    if (!existsSync(report)) return { problems: [`it left no report: ${said}`], steps: 0 };
    const result = JSON.parse(readFileSync(report, 'utf8')) as ProgramResult;
    return said === '' ? result : { ...result, problems: [...result.problems, said] };
  }

  /** @throws Error that says how a program ended which should work on: 128 and more is a signal */
  assertAtWork(): void {
    for (const { name, output } of this.#programs) {
      if (!existsSync(`${output}.status`)) continue;
      const status = readFileSync(`${output}.status`, 'utf8').trim();
      throw new Error(`${name} has ended with status ${status}: ${readFileSync(output, 'utf8')}`);
    }
  }

  /** The processes of the namespace. */
  processes(): number[] {
    const namespace = mountNamespaceOf(this.holder);
    return listProcesses().filter((pid) => mountNamespaceOf(pid) === namespace);
  }

  /** Kills whatever still runs in the namespace. */
  async close(): Promise<void> {
    const others = () => this.processes().filter((pid) => pid !== this.holder);
    await eventually('everybody is dead', () => {
      for (const pid of others()) sendSignal(pid, 'SIGKILL');
      return others().length === 0;
    });
    sendSignal(this.holder, 'SIGKILL');
    const names = ['holder', ...this.#programs.map(({ name }) => name)];
    await eventually('their shells have told how they ended', () =>
      names.every((name) => existsSync(join(this.directory, `${name}.status`))),
    );
    rmSync(this.directory, { recursive: true, force: true });
  }

  #report(name: string): string {
    return join(this.directory, `${name}.json`);
  }

  /** The shell that is its parent stays, to tell how it ended; this process must not be the parent of who is traced. */
  #spawn(command: string, name: string): number {
    const output = join(this.directory, name);
    const script = `{ setsid ${command} >'${output}' 2>&1 </dev/null & echo $!
      exec >/dev/null 2>&1; wait $!; echo $? >'${output}.status'; } &`;
    return Number(execFileSync('sh', ['-c', script], { encoding: 'utf8' }));
  }
}

/** Waits until a process is gone. */
export async function ended(pid: number, what: string): Promise<void> {
  await eventually(`${what} ends`, () => !existsSync(`/proc/${pid}/fd`) || isZombie(pid), 60_000);
}

function isZombie(pid: number): boolean {
  try {
    return /^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}
