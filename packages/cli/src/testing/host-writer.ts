import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.js';

const source = fileURLToPath(new URL('../../fixtures/container-writer.c', import.meta.url));

export interface HostWriterOptions {
  /** The name of the volume below the writer's directory. Default: `volume`. */
  readonly volume?: string;
  /** Shell commands that run in its mount namespace before it starts, with `$VOLUME`; tmpfs may hide the volume from here. */
  readonly setUp?: string;
  /** Shell words to run instead of `"$WRITER" "$VOLUME" "$NOTES"`. */
  readonly program?: string;
  /** `private` or `shared`. Default: private. */
  readonly propagation?: string;
}

/** The writer in a mount namespace of its own, in a directory of its own. Init adopts it. */
export class HostWriter {
  readonly directory = mkdtempSync(join(tmpdir(), 'ordeal-writer-'));
  readonly volume: string;
  readonly pid: number;

  constructor({ volume = 'volume', setUp = ':', program, propagation = 'private' }: HostWriterOptions = {}) {
    this.volume = join(this.directory, volume);
    mkdirSync(this.volume, { recursive: true });
    const writer = join(this.directory, 'writer');
    execFileSync('gcc', ['-O1', '-o', writer, source]);
    const script = join(this.directory, 'start.sh');
    const command = program ?? '"$WRITER" "$VOLUME" "$NOTES"';
    writeFileSync(script, `set -e\n${setUp}\necho $$ >"$READY"\nexec ${command}\n`);
    writeFileSync(this.#notes, '');
    const ready = join(this.directory, 'ready');
    execFileSync(
      'sh',
      [
        '-c',
        `setsid unshare --mount --propagation ${propagation} sh "${script}" >"${script}.log" 2>&1 </dev/null &`,
      ],
      { env: { ...process.env, VOLUME: this.volume, READY: ready, WRITER: writer, NOTES: this.#notes } },
    );
    this.pid = 0;
    for (let attempt = 0; this.pid === 0 && attempt < 1000; attempt++) {
      execFileSync('sleep', ['0.01']);
      this.pid = Number(read(ready).trim());
    }
    assert.ok(this.pid > 0, read(`${script}.log`));
  }

  get #notes(): string {
    return join(this.directory, 'notes');
  }

  /** What it observed since the last call, each thing with its number, its start apart. */
  notes(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const line of read(this.#notes).split('\n').filter(Boolean)) {
      if (line !== 'started') counts[line] = (counts[line] ?? 0) + 1;
    }
    writeFileSync(this.#notes, '');
    return counts;
  }

  /** How many lines the log has in its namespace; none may be missing, doubled or torn. */
  lines(log = join(this.volume, 'log')): number {
    const lines = read(`/proc/${this.pid}/root${log}`).split('\n').slice(0, -1);
    for (const [index, line] of lines.entries()) assert.equal(line, String(index));
    return lines.length;
  }

  /** Runs a shell command in its namespace. @throws where it fails */
  run(command: string): string {
    return execFileSync('nsenter', ['--target', String(this.pid), '--mount', 'sh', '-c', command], {
      encoding: 'utf8',
      env: { ...process.env, VOLUME: this.volume },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** Lines of its mountinfo that are Ordeal's, and not those of another test that were there when it started. */
  get covers(): string[] {
    const lines = read(`/proc/${this.pid}/mountinfo`).split('\n');
    return lines.filter((line) => line.includes(this.directory) && line.includes('fuse.ordeal'));
  }

  get covered(): boolean {
    return this.covers.length > 0;
  }

  /** Of its log, in bytes. */
  get size(): number {
    return statSync(`/proc/${this.pid}/root${this.volume}/log`).size;
  }

  /** It writes on, without faults, on its own file system. */
  async assertBare(progress = () => this.lines()): Promise<void> {
    assert.equal(this.covered, false);
    this.notes();
    const before = progress();
    await eventually('it writes on', () => progress() > before + 10);
    assert.deepEqual(this.notes(), {});
  }

  kill(): void {
    try {
      process.kill(this.pid, 'SIGKILL');
    } catch {
      // The test has killed it.
    }
  }

  close(): void {
    this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
