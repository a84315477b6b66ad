import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAM = `
import os, sys, time
log = os.open(sys.argv[1] + "/log", os.O_RDWR | os.O_CREAT | os.O_APPEND)
errors = open(sys.argv[2], "a", buffering=1)
number = 0
while True:
    try:
        os.write(log, b"%d\\n" % number)
        number += 1
    except OSError as error:
        errors.write("%d\\n" % error.errno)
    time.sleep(0.002)
`;

/** A process in a mount namespace of its own that appends numbered lines to a file it opened once. Init adopts it. */
export class NumberedWriter {
  readonly directory = mkdtempSync(join(tmpdir(), 'ordeal-inject-'));
  readonly volume = join(this.directory, 'data');
  readonly pid: number;

  constructor() {
    const program = join(this.directory, 'writer.py');
    mkdirSync(this.volume);
    writeFileSync(program, PROGRAM);
    writeFileSync(this.#errors, '');
    const script = `unshare --mount --propagation private python3 ${program} ${this.volume} ${this.#errors} >/dev/null 2>&1 </dev/null & echo $!`;
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

  /** Whether something is mounted over the volume. */
  get covered(): boolean {
    return readFileSync(`/proc/${this.pid}/mountinfo`, 'utf8').includes(this.volume);
  }

  /** It is on the bare file system, without a journal, and goes on without errors. */
  async assertBare(): Promise<void> {
    assert.equal(this.covered, false, 'something is mounted still');
    assert.deepEqual(journals(), []);
    const [errors, lines] = [this.errors.length, this.lines];
    await pause(200);
    assert.equal(this.errors.length, errors, 'writes fail still');
    assert.ok(this.lines > lines, 'it does not write any more');
  }

  close(): void {
    process.kill(this.pid, 'SIGKILL');
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function journals(): string[] {
  try {
    return readdirSync(`${process.env.ORDEAL_RUN ?? '/run/ordeal'}/io`);
  } catch {
    return [];
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Waits for something that comes true by itself; at most 10 seconds. */
export async function eventually(what: string, question: () => boolean): Promise<number> {
  const begun = performance.now();
  while (!question()) {
    if (performance.now() - begun > 10_000) throw new Error(`waited in vain: ${what}`);
    await pause(10);
  }
  return performance.now() - begun;
}
