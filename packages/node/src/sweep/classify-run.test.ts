import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BASELINE } from '../testing/sample-runs.js';
import { classifyRun, type RunFacts } from './classify-run.js';
import type { RunExit } from './run-exit.js';

const exited = (code: number): RunExit => ({ kind: 'exited', code });
const SEGV: RunExit = { kind: 'killed', signal: 'SIGSEGV' };
const LIMIT: RunExit = { kind: 'limit', limitMs: 2_500 };
const EXEC = ['__x64_sys_execve', 'do_execveat_common.isra.0', 'bprm_execve', 'load_elf_binary', 'kmalloc'];

/** The verdict on a run that ended well with a fault, except for the given differences. */
function verdict(changes: Partial<RunFacts>, sameOutput = false): string {
  const facts: RunFacts = {
    fired: true,
    cut: false,
    exit: exited(0),
    stdout: BASELINE.stdout,
    check: undefined,
    stack: ['__x64_sys_mount', 'kmalloc'],
    inLauncher: false,
    lastLines: [],
    kernelLog: [],
    ...changes,
  };
  const { outcome, words } = classifyRun(facts, BASELINE, sameOutput);
  return words === '' ? outcome : `${outcome}: ${words}`;
}

test('of a run whose power was cut, the check alone says how it turned out', () => {
  const cut = { cut: true, exit: { kind: 'killed', signal: 'SIGKILL' } } as const;
  assert.equal(verdict({ ...cut, check: { passed: true, words: '' } }), 'survives');
  assert.equal(verdict({ ...cut, check: { passed: false, words: 'check: exit 1' } }), 'wrong: check: exit 1');
});

test('endings', () => {
  assert.equal(verdict({}), 'survives');
  assert.equal(verdict({ exit: exited(1) }), 'clean error: exit 1');
  assert.equal(
    verdict({ exit: exited(1), lastLines: ['a', 'no memory'] }),
    'clean error: exit 1, "no memory"',
  );
  assert.equal(verdict({ exit: SEGV }), 'signal: SIGSEGV');
  assert.equal(verdict({ exit: LIMIT }), 'hangs: > 2.5 s');
});

test('a shell reports a crash by its exit code, other signals are exit codes', () => {
  assert.equal(verdict({ exit: exited(139) }), 'signal: SIGSEGV');
  assert.equal(verdict({ exit: exited(134) }), 'signal: SIGABRT');
  assert.equal(verdict({ exit: exited(130) }), 'clean error: exit 130');
  assert.equal(verdict({ exit: exited(255) }), 'clean error: exit 255');
});

test('success is compared with the check and the output', () => {
  const failed = { passed: false, words: 'check: exit 1' };
  assert.equal(verdict({ check: { passed: true, words: '' } }), 'survives');
  assert.equal(verdict({ check: failed }), 'wrong: check: exit 1');
  assert.equal(verdict({ stdout: 'bbbb' }), 'survives');
  assert.equal(verdict({ stdout: 'bbbb' }, true), 'wrong: other output than without the fault');
});

test('a program that was not started is not blamed', () => {
  const lastLines = ['exec: ./a: Cannot allocate memory'];
  assert.equal(
    verdict({ exit: exited(126), inLauncher: true, lastLines }),
    'not started: exit 126, "exec: ./a: Cannot allocate memory"',
  );
  assert.equal(verdict({ exit: SEGV, stack: EXEC }), 'not started: SIGSEGV');
  assert.equal(verdict({ exit: LIMIT, stack: EXEC }), 'not started: > 2.5 s');
  assert.equal(verdict({ exit: exited(0), inLauncher: true, stack: EXEC }), 'survives');
  // The failing execve(2) was its own.
  assert.equal(verdict({ exit: exited(126), stack: EXEC }), 'clean error: exit 126');
  const loader = './a: error while loading shared libraries: libc.so.6: cannot map zero-fill pages';
  assert.equal(verdict({ exit: exited(127), lastLines: [loader] }), `not started: exit 127, "${loader}"`);
  assert.equal(verdict({ exit: exited(127), lastLines: ['gone'] }), 'clean error: exit 127, "gone"');
});

test('kernel warnings take precedence over how the command ends', () => {
  assert.equal(verdict({ kernelLog: ['WARNING: CPU: 0'] }), 'kernel: WARNING: CPU: 0');
  assert.equal(verdict({ kernelLog: ['BUG: x'], exit: SEGV, stack: EXEC }), 'kernel: BUG: x');
});

test('without a fault only a different end is reported', () => {
  assert.equal(verdict({ fired: false, stack: [] }), 'no fault');
  assert.equal(verdict({ fired: false, stack: [], exit: exited(3) }), 'no fault: exit 3');
});
