import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runTests } from './host-tests.mjs';
import { TestResults } from './test-results.mjs';

const FILES = {
  'fails.mjs': `
    import { test } from 'node:test';
    test('passes', () => {});
    test('outer', async (t) => {
      console.error('a hint');
      await t.test('inner', () => { throw new Error('broken', { cause: new Error('deeper') }); });
      await t.test('later', { skip: 'not here' }, () => {});
    });`,
  'is-killed.mjs': `
    import { test } from 'node:test';
    test('dies', () => { process.kill(process.pid, 'SIGKILL'); });`,
  'leaks.mjs': `
    import { openSync } from 'node:fs';
    import { test } from 'node:test';
    test('leaves a directory open', () => { openSync('/'); });`,
};

test('what ends badly is shown whole, and counted once', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'ordeal-results-'));
  t.after(() => rmSync(directory, { recursive: true }));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(directory, name), text);
  let shown = '';
  const results = new TestResults((text) => {
    shown += text;
  });
  const listeners = {
    onEvents: (chunk) => results.write(chunk),
    onNoise: (chunk) => results.noise(chunk),
  };
  const files = Object.keys(FILES).map((name) => join(directory, name));
  const options = { what: 'inner tests', usual: '1 s', limitMs: 2 ** 30, serial: true };
  results.end(await runTests(files, listeners, options));
  assert.deepEqual([results.passed, results.failed, results.skipped], [2, 3, 1], shown);
  assert.deepEqual(results.skips, ['later: not here']);
  assert.match(
    shown,
    /✖ inner {2}\(.*fails\.mjs\)\n.*fails\.mjs:6:\d+\n {4}Error: broken\n[^✖]*Error: deeper/s,
  );
  assert.match(shown, /printed by .*fails\.mjs:\n {4}a hint\n/);
  assert.match(shown, /✖ .*is-killed\.mjs\n[^✖]*ended by SIGKILL/);
  assert.match(
    shown,
    /✖ .*leaks\.mjs\n[^✖]*exit code 1\n[^✖]*1 descriptors were left open:\n {4}\/ \(fd \d+\)/,
  );
});

test('what never finished or never began is named', () => {
  let shown = '';
  const results = new TestResults((text) => {
    shown += text;
  });
  const tell = (event, name, file) =>
    results.write(`${JSON.stringify({ type: `test:${event}`, id: file + name, name, file })}\n`);
  for (const file of ['/x/a.js', '/x/b.js', '/x/c.js']) tell('enqueue', file, file);
  tell('dequeue', '/x/a.js', '/x/a.js');
  results.write('a line of a test\n{"type":"test:');
  results.write('unknown"}\n');
  tell('complete', '/x/a.js', '/x/a.js');
  tell('dequeue', '/x/b.js', '/x/b.js');
  tell('dequeue', 'waits', '/x/b.js');
  results.end('the tests took longer than 1 s');
  assert.equal(results.failed, 1);
  const lines = shown
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  assert.deepEqual(lines, [
    '✖ the tests took longer than 1 s',
    'never finished: /x/b.js',
    'never finished: waits  (/x/b.js)',
    'never begun: /x/c.js',
    'the last test that ended: /x/a.js',
  ]);
});
