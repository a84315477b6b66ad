import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { eventually, Target } from './target.js';

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
    time.sleep(float(sys.argv[3]))
`;

/** Appends numbered lines to a file that it opened once. */
export class NumberedWriter extends Target {
  /** @param pause seconds between two lines */
  constructor(shared = false, pause = 0.002) {
    super((target) => {
      writeFileSync(target.path('writer.py'), PROGRAM);
      writeFileSync(target.path('errors'), '');
      return ['python3', target.path('writer.py'), target.volume, target.path('errors'), String(pause)];
    }, shared);
  }

  /** The errno values that writes failed with so far. */
  get errors(): number[] {
    return readFileSync(this.path('errors'), 'utf8').split('\n').filter(Boolean).map(Number);
  }

  /** How many lines there are; none is missing, doubled or torn. */
  get lines(): number {
    const lines = readFileSync(this.path('data', 'log'), 'utf8').split('\n').slice(0, -1);
    assert.deepEqual(
      lines.filter((line, index) => line !== String(index)),
      [],
    );
    return lines.length;
  }

  /** Bytes written so far. */
  get size(): number {
    try {
      return statSync(this.path('data', 'log')).size;
    } catch {
      return 0;
    }
  }

  /** It writes on, without errors, and has lost nothing. */
  override async assertBare(): Promise<void> {
    await super.assertBare();
    const [errors, size] = [this.errors, this.size];
    await eventually('it writes', () => this.size > size);
    assert.equal(this.errors.length, errors.length, 'writes fail still');
    assert.ok(!errors.includes(-1), 'lines that were written are lost');
    assert.ok(this.lines > 0);
  }
}
