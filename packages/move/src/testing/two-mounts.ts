import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Fd, O_PATH, openPath } from '@ordeal/linux';
import { Move } from '../move.js';
import type { MoveOptions } from '../move-options.js';
import type { MoveReport } from '../report.js';
import { sameFilesBelow } from '../same-files.js';

/** What the tests of the move need: a directory with two mounts, and processes that are not children of this one. */

/** The directory of programs for tests. */
export const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url));

/** A tmpfs that can be reached through two mounts. */
export class TwoMounts {
  readonly directory: string;
  readonly #targets: number[] = [];
  readonly #puppets: Puppet[] = [];
  readonly #roots: { old: Fd; new: Fd };

  constructor() {
    this.directory = mkdtempSync(join(tmpdir(), 'ordeal-move-'));
    for (const name of ['files', 'old', 'new']) mkdirSync(join(this.directory, name));
    run('mount', '-t', 'tmpfs', 'ordeal-move', this.path('files'));
    run('mount', '--bind', this.path('files'), this.path('old'));
    run('mount', '--bind', this.path('files'), this.path('new'));
    this.#roots = { old: openPath(this.path('old'), O_PATH), new: openPath(this.path('new'), O_PATH) };
  }

  path(...names: string[]): string {
    return join(this.directory, ...names);
  }

  /** Starts a program that init adopts: its stops must be reported to this process as a tracer, not as its parent. */
  start(command: string, ...args: string[]): number {
    const quoted = [command, ...args].map((word) => `'${word}'`).join(' ');
    const script = `setsid ${quoted} >'${this.path('output')}' 2>&1 </dev/null & echo $!`;
    const pid = Number(execFileSync('sh', ['-c', script], { encoding: 'utf8' }));
    this.#targets.push(pid);
    return pid;
  }

  /** Compiles a program of the fixtures. */
  compile(name: string): string {
    const program = this.path(name);
    run('gcc', '-O1', '-pthread', '-o', program, join(FIXTURES, `${name}.c`));
    return program;
  }

  /** A file of the fixtures. */
  fixture(name: string): string {
    return join(FIXTURES, name);
  }

  async startPuppet(): Promise<Puppet> {
    const socket = this.path(`socket-${this.#targets.length}`);
    const pid = this.start('python3', join(FIXTURES, 'puppet.py'), socket);
    const puppet = await Puppet.connect(pid, socket);
    this.#puppets.push(puppet);
    return puppet;
  }

  /** A move from the old mount to the new, or the other way round. The caller closes it. */
  move(
    direction: 'there' | 'back',
    pids: readonly number[] = this.#targets,
    more: Partial<MoveOptions> = {},
  ): Move {
    const { old, new: fresh } = this.#roots;
    const [from, to] = direction === 'there' ? [old, fresh] : [fresh, old];
    return new Move({
      from: from.number,
      openOnNewSide: sameFilesBelow(to.number),
      processes: () => pids,
      ...more,
    });
  }

  run(...args: Parameters<TwoMounts['move']>): MoveReport {
    const move = this.move(...args);
    try {
      return move.run();
    } finally {
      move.close();
    }
  }

  /** Kills what was started, and takes everything away. */
  close(): void {
    for (const puppet of this.#puppets) puppet.close();
    for (const pid of this.#targets) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {}
    }
    this.#roots.old.close();
    this.#roots.new.close();
    for (const name of ['old', 'new', 'files']) run('umount', '-l', this.path(name));
    rmSync(this.directory, { recursive: true });
  }
}

/** A Python process that runs the given statements. */
export class Puppet {
  readonly pid: number;
  readonly #socket: Socket;
  readonly #answers: AsyncIterator<string>;

  private constructor(pid: number, socket: Socket, answers: AsyncIterator<string>) {
    this.pid = pid;
    this.#socket = socket;
    this.#answers = answers;
  }

  static async connect(pid: number, path: string): Promise<Puppet> {
    for (let attempt = 0; ; attempt++) {
      const socket = connect(path);
      try {
        await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
      } catch (error) {
        if (attempt > 6000) throw error;
        await pause(20);
        continue;
      }
      const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
      return new Puppet(pid, socket, lines);
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Runs Python statements; the answer is what they assign to `result`. */
  async run(code: string): Promise<unknown> {
    this.#socket.write(`${JSON.stringify(code)}\n`);
    const { value } = await this.#answers.next();
    const answer = JSON.parse(value) as { result?: unknown; error?: string };
    if (answer.error !== undefined) throw new Error(`${answer.error} in: ${code}`);
    return answer.result;
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Waits for a condition; fails after two minutes. */
export async function eventually(what: string, question: () => boolean): Promise<void> {
  const late = performance.now() + 120_000;
  while (!question()) {
    if (performance.now() > late) throw new Error(`waited in vain: ${what}`);
    await pause(10);
  }
}

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}
