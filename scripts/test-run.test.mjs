import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { TestRun } from './test-run.mjs';

/** A process that does nothing; it has begun. */
async function idle(env, cwd) {
  const child = spawn('sh', ['-c', 'echo begun; exec sleep 1000'], {
    env: { ...process.env, ...env },
    cwd,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  return { child, ended: once(child, 'exit') };
}

test('a run finds its own processes and files, ends them, and leaves those of others alone', async (t) => {
  const run = new TestRun({ patienceMs: 100 });
  const other = await idle({}, '/');
  t.after(() => other.child.kill('SIGKILL'));
  const mine = await idle(run.env, '/');
  writeFileSync(join(run.directory, 'left'), '');
  const found = await run.end();
  assert.deepEqual(found, [`process ${mine.child.pid}: sleep 1000`, join(run.directory, 'left')]);
  assert.deepEqual(await mine.ended, [null, 'SIGKILL']);
  assert.equal(other.child.exitCode, null);
  assert.equal(existsSync(run.directory), false);
});

test('a run that leaves nothing finds nothing', async () => {
  const run = new TestRun({ patienceMs: 100 });
  const mine = await idle(run.env, '/');
  mine.child.kill('SIGKILL');
  await mine.ended;
  assert.deepEqual(await run.end(), []);
});

test('what a killed run left is removed by the next', async () => {
  const gone = spawn('true');
  await once(gone, 'exit');
  const directory = mkdtempSync(join(tmpdir(), `ordeal-test-run-${gone.pid}-`));
  mkdirSync(join(directory, 'below'));
  const left = await idle({ ORDEAL_TEST_RUN: directory }, '/');
  const run = new TestRun({ patienceMs: 100 });
  assert.deepEqual(await left.ended, [null, 'SIGKILL']);
  assert.equal(existsSync(directory), false);
  assert.deepEqual(await run.end(), []);
});

test('a new name of ours in a shared directory is found unless it is used', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'ordeal-shared-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const make = (name) => {
    const path = join(directory, name);
    mkdirSync(path);
    return path;
  };
  const before = make('ordeal-before');
  const run = new TestRun({ shared: [[directory, /^ordeal-/]], patienceMs: 100 });
  const unused = make('ordeal-unused');
  const [used, foreign] = [make('ordeal-used'), make('foreign')];
  const other = await idle({}, used);
  t.after(() => other.child.kill('SIGKILL'));
  assert.deepEqual(await run.end(), [unused]);
  assert.equal(existsSync(unused), false);
  for (const path of [before, used, foreign]) assert.ok(existsSync(path), path);
});
