import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Whoever writes when the server dies is told ECONNABORTED, and cannot know whether it was written: so it looks. It may
 * be one line more than it knows of, never less: then it writes -1 to the errors.
 */
const PROGRAM = `
import os, sys, time
log = os.open(sys.argv[1] + "/log", os.O_RDWR | os.O_CREAT | os.O_APPEND)
errors = open(sys.argv[2], "a", buffering=1)
number, unsure = 0, False
while True:
    try:
        if unsure:
            size = os.fstat(log).st_size
            tail = os.pread(log, 64, max(0, size - 64)).split(b"\\n")
            found = int(tail[-2]) + 1 if size else 0
            if found not in (number, number + 1): errors.write("-1\\n")
            number, unsure = found, False
        os.write(log, b"%d\\n" % number)
        number += 1
    except OSError as error:
        errors.write("%d\\n" % error.errno)
        unsure = unsure or error.errno in (103, 107)
    time.sleep(0.002)
`;

/** A process in a mount namespace of its own that appends numbered lines to a file it opened once. Init adopts it. */
export class NumberedWriter {
  readonly directory = mkdtempSync(join(tmpdir(), 'ordeal-inject-'));
  readonly volume = join(this.directory, 'data');
  readonly pid: number;

  /** @param shared whether mounts made in its namespace go on to namespaces that are made from it */
  constructor(shared = false) {
    const program = join(this.directory, 'writer.py');
    mkdirSync(this.volume);
    writeFileSync(program, PROGRAM);
    writeFileSync(this.#errors, '');
    const share = shared
      ? `mount --bind ${this.directory} ${this.directory} && mount --make-shared ${this.directory} &&`
      : '';
    const command = `${share} exec python3 ${program} ${this.volume} ${this.#errors}`;
    const script = `unshare --mount --propagation private sh -c '${command}' >/dev/null 2>&1 </dev/null & echo $!`;
    this.pid = Number(execFileSync('sh', ['-c', script], { encoding: 'utf8' }));
  }

  get #errors(): string {
    return join(this.directory, 'errors');
  }

  /** The errno values that writes failed with so far. */
  get errors(): number[] {
    return readFileSync(this.#errors, 'utf8').split('\n').filter(Boolean).map(Number);
  }

  /** How many lines there are; none is missing, doubled or torn. */
  get lines(): number {
    const lines = readFileSync(join(this.volume, 'log'), 'utf8').split('\n').slice(0, -1);
    assert.deepEqual(
      lines.filter((line, index) => line !== String(index)),
      [],
    );
    return lines.length;
  }

  /** Bytes written so far. */
  get size(): number {
    try {
      return statSync(join(this.volume, 'log')).size;
    } catch {
      return 0;
    }
  }

  /** Whether something is mounted over the volume. */
  get covered(): boolean {
    return readFileSync(`/proc/${this.pid}/mountinfo`, 'utf8').includes(` ${this.volume} `);
  }

  /** It works on the bare file system, where nothing is mounted, and goes on without errors. */
  async assertBare(): Promise<void> {
    assert.equal(this.covered, false, 'something is mounted still');
    const [open, bare] = [`/proc/${this.pid}/fd/3`, join(this.volume, 'log')].map((path) => statSync(path));
    assert.deepEqual([open?.dev, open?.ino], [bare?.dev, bare?.ino], 'its file is not the bare one');
    const [errors, size] = [this.errors, this.size];
    await eventually('it writes', () => this.size > size);
    assert.equal(this.errors.length, errors.length, 'writes fail still');
    assert.ok(!errors.includes(-1), 'lines that were written are lost');
    assert.ok(this.lines > 0);
  }

  close(): void {
    process.kill(this.pid, 'SIGKILL');
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Waits for something that comes true by itself; at most 20 seconds. */
export async function eventually(what: string, question: () => boolean): Promise<number> {
  const begun = performance.now();
  while (!question()) {
    if (performance.now() - begun > 20_000) throw new Error(`waited in vain: ${what}`);
    await pause(10);
  }
  return performance.now() - begun;
}
