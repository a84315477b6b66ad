import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ChildInCgroup } from './child-in-cgroup.js';
import { sweepCgroup } from './sweep-cgroup.js';

const directory = mkdtempSync(join(tmpdir(), 'ordeal-child-'));
const cgroup = sweepCgroup();
after(async () => {
  await cgroup.remove();
  rmSync(directory, { recursive: true });
});

async function run(command: readonly string[], stdin = '/dev/null') {
  const child = ChildInCgroup.start({ cgroup: cgroup.room, command, stdin, name: 'test-launcher' });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk));
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk));
  try {
    await Promise.all([once(child.stdout, 'close'), once(child.stderr, 'close')]);
    return { ...output, ended: await child.ended };
  } finally {
    child.close();
  }
}

test('a command is in the cgroup from its beginning, with its input, directory, environment and session', async () => {
  const input = join(directory, 'input');
  writeFileSync(input, 'words');
  const script =
    'cat /proc/self/cgroup; pwd; cat; echo $$ $(cut -d" " -f6 /proc/$$/stat) "$HOME" >&2; exit 7';
  const { stdout, stderr, ended } = await run(['sh', '-c', script], input);
  const [own = '', ...rest] = stdout
    .split('\n')
    .filter((line) => line.startsWith('0::') || !line.includes(':'));
  assert.ok(cgroup.room.endsWith(own.slice('0::'.length)), own);
  assert.deepEqual(rest, [process.cwd(), 'words']);
  const [pid, session, home] = stderr.trim().split(' ');
  assert.equal(pid, session);
  assert.equal(home, process.env.HOME);
  assert.deepEqual(ended, { code: 7 });
});

test('it has all signals as usual', async () => {
  const { stdout } = await run(['grep', '-E', '^Sig(Blk|Ign)', '/proc/self/status']);
  const own = readFileSync('/proc/self/status', 'utf8');
  const bit = (text: string, name: string) => BigInt(`0x${new RegExp(`${name}:\\t(\\w+)`).exec(text)?.[1]}`);
  assert.equal(bit(stdout, 'SigBlk'), 0n);
  // SIGPIPE, which Node ignores.
  assert.equal(bit(own, 'SigIgn') & 0x1000n, 0x1000n);
  assert.equal(bit(stdout, 'SigIgn') & 0x1000n, 0n);
});

test('a signal that ends it is told from an exit code', async () => {
  assert.deepEqual((await run(['sh', '-c', 'kill -SEGV $$'])).ended, { signal: 'SIGSEGV' });
  assert.deepEqual((await run(['sh', '-c', 'exit 139'])).ended, { code: 139 });
});

test('what is not a program is left to the shell: a script without an interpreter, and a name that nothing has', async () => {
  const script = join(directory, 'script');
  writeFileSync(script, 'echo "script $1"', { mode: 0o755 });
  assert.equal((await run([script, 'one'])).stdout, 'script one\n');
  const { stderr, ended } = await run(['ordeal-no-such-program']);
  assert.match(stderr, /ordeal-no-such-program: not found/);
  assert.deepEqual(ended, { code: 127 });
});

test('a child can be started after those before it were killed', async () => {
  for (let index = 0; index < 3; index++) {
    const slept = run(['sleep', '1000']);
    cgroup.kill();
    assert.deepEqual((await slept).ended, { signal: 'SIGKILL' });
    assert.deepEqual((await run(['true'])).ended, { code: 0 });
  }
});

test('many children one after the other leave nothing behind', async () => {
  for (let index = 0; index < 50; index++) assert.deepEqual((await run(['true'])).ended, { code: 0 });
  assert.equal(process.listenerCount('SIGCHLD'), 0);
  assert.equal(cgroup.populated, false);
});
