import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runProgram } from './run-program.js';

/** Stands for the kernel's: the second object is compiled, in a process of its own, until the file `go` is created. */
const MAKEFILE = `all: one two
one:
\t@echo CC one; touch one
two: one
\t@sh -c 'echo CC two $$$$; until [ -e go ]; do sleep 0.1; done; touch two'
`;

test('an aborted make ends with all its children, and continues where it stopped', async (t) => {
  const cwd = mkdtempSync(join(tmpdir(), 'ordeal-make-'));
  t.after(() => rmSync(cwd, { recursive: true }));
  writeFileSync(join(cwd, 'Makefile'), MAKEFILE);
  const stop = new AbortController();
  let shell = 0;
  const onLine = (line: string) => {
    shell = Number(/^CC two (\d+)$/.exec(line)?.[1] ?? 0);
    if (shell > 0) stop.abort();
  };
  await assert.rejects(runProgram(['make', '-s', '-j2'], { cwd, onLine, signal: stop.signal }), {
    code: 'ORD-612',
  });
  assert.throws(() => readFileSync(`/proc/${shell}/stat`), { code: 'ENOENT' });
  assert.deepEqual([existsSync(join(cwd, 'one')), existsSync(join(cwd, 'two'))], [true, false]);

  writeFileSync(join(cwd, 'go'), '');
  const lines: string[] = [];
  const { signal } = new AbortController();
  const { code } = await runProgram(['make', '-s'], { cwd, onLine: (line) => lines.push(line), signal });
  assert.equal(code, 0);
  assert.match(lines.join('\n'), /^CC two \d+$/);
});

test('a process that ignores SIGTERM is killed', async () => {
  const stop = new AbortController();
  const deaf = ['sh', '-c', 'trap "" TERM; echo up; while :; do sleep 0.1; done'];
  await assert.rejects(runProgram(deaf, { onLine: () => stop.abort(), signal: stop.signal }), {
    code: 'ORD-612',
  });
});

test('nothing is started after the abort', async () => {
  await assert.rejects(runProgram(['/no/such/program'], { signal: AbortSignal.abort() }), {
    code: 'ORD-612',
  });
});
