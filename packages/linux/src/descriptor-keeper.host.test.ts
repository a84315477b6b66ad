import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

/** A parent whose child opens a nameless file after it has made its holder, and is killed. */
const CHILD = `
import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
const { keepDescriptors } = await import(process.argv[2]);
const keeper = keepDescriptors('test-keeper', process.argv[3] === 'orphan' ? 1 : process.ppid);
const holder = keeper.pid;
const path = tmpdir() + '/ordeal-holder-' + process.pid;
const [held, closed, last] = [openSync(path, 'w+'), openSync('/dev/null'), openSync('/dev/null')];
unlinkSync(path); writeSync(held, 'held'); closeSync(closed);
if (process.argv[3] === 'outlive') keeper.outliveParent(last);
process.stdout.write(JSON.stringify({ holder, closed, held, last }) + '\\n');
setInterval(() => undefined, 1000);
`;
const PARENT = `
import { spawn } from 'node:child_process';
const child = spawn(process.execPath, ['--input-type=module', '-e', process.argv[2], 'x', process.argv[3], process.argv[4]], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
child.stdout.once('data', (line) => {
  child.kill('SIGKILL');
  child.once('exit', () => process.stdout.write(line));
});
setInterval(() => undefined, 1000);
`;

async function withParent(
  how: 'mortal' | 'outlive' | 'orphan',
  body: (parent: ChildProcess, found: Record<string, number>) => Promise<void>,
) {
  const linux = new URL('./index.js', import.meta.url).href;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', PARENT, 'x', CHILD, linux, how], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    if (!parent.stdout) throw new Error('no output');
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    await body(parent, JSON.parse(line.toString()) as Record<string, number>);
  } finally {
    parent.kill('SIGKILL');
  }
}

const status = (pid = 0) => {
  try {
    return readFileSync(`/proc/${pid}/status`, 'latin1');
  } catch {
    return 'State:\tX';
  }
};

test('descriptors outlive the process that is killed, and not its parent', () =>
  withParent('mortal', async (parent, { holder, held, closed }) => {
    assert.equal(readFileSync(`/proc/${holder}/fd/${held}`, 'utf8'), 'held');
    assert.throws(() => readFileSync(`/proc/${holder}/fd/${closed}`), /ENOENT/);
    assert.match(status(holder), /^Name:\ttest-keeper$/m);
    assert.match(status(holder), new RegExp(`^PPid:\\t${parent.pid}$`, 'm'));
    parent.kill('SIGKILL');
    await ends(holder);
  }));

test('where the parent has ended before it could be told, the process ends at once', () =>
  withParent('orphan', (_, { holder }) => ends(holder)));

async function ends(pid: number | undefined): Promise<void> {
  const begun = performance.now();
  while (!/^State:\t[XZ]/m.test(status(pid))) {
    assert.ok(performance.now() - begun < 120_000, 'the holder lives on');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function descriptorGone(pid: number, number: number): Promise<void> {
  while (readdirSync(`/proc/${pid}/fd`).includes(String(number))) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('once it has been asked to, the process outlives the parent, too', () =>
  withParent('outlive', async (parent, { holder = 0, held, last = 0 }) => {
    try {
      await descriptorGone(holder, last);
      const ended = once(parent, 'exit');
      parent.kill('SIGKILL');
      await ended;
      // Its parent's children are inherited before the parent can be waited for; the signal would have come by then.
      assert.doesNotMatch(status(holder), new RegExp(`^PPid:\\t${parent.pid}$`, 'm'));
      assert.equal(readFileSync(`/proc/${holder}/fd/${held}`, 'utf8'), 'held');
    } finally {
      process.kill(holder, 'SIGKILL');
    }
  }));
