import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually, NumberedWriter, pause } from './testing/numbered-writer.js';

process.env.ORDEAL_RUN = mkdtempSync(join(tmpdir(), 'ordeal-run-'));
const { recoverInjections } = await import('./recover-injections.js');
after(() => rmSync(process.env.ORDEAL_RUN ?? '', { recursive: true }));

/** Everybody who has to do with one injection. */
interface Cast {
  readonly writer: NumberedWriter;
  readonly owner: ChildProcess;
  readonly keeper: number;
  readonly server: number;
}

async function withInjection(body: (cast: Cast) => Promise<void>): Promise<void> {
  const writer = new NumberedWriter();
  const program = fileURLToPath(new URL('./testing/owner.js', import.meta.url));
  await pause(300);
  const owner = spawn(process.execPath, [program, String(writer.pid), writer.volume], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    if (!owner.stdout) throw new Error('no output');
    const [line] = (await once(owner.stdout, 'data')) as [Buffer];
    const keeper = Number(line.toString());
    const server = childOf(keeper);
    await eventually('the faults', () => writer.errors.length > 3);
    await body({ writer, owner, keeper, server });
  } finally {
    owner.kill('SIGKILL');
    writer.close();
  }
}

function childOf(parent: number): number {
  const child = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .find((pid) => readStatus(pid).includes(`\nPPid:\t${parent}\n`));
  return Number(child);
}

function readStatus(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}

const alive = (pid: number) => /^State:\t[^Z]/m.test(readStatus(String(pid)));

test('the owner is killed: the keeper takes it back', () =>
  withInjection(async ({ writer, owner, keeper, server }) => {
    owner.kill('SIGKILL');
    await eventually('the keeper ends', () => !alive(keeper) && !alive(server));
    await writer.assertBare();
    assert.deepEqual([...new Set(writer.errors)], [5]);
  }));

test('the server is killed: the target works on the bare file system within about a second', (t) =>
  withInjection(async ({ writer, keeper, server }) => {
    process.kill(server, 'SIGKILL');
    const cover = await eventually('the cover is off', () => !writer.covered);
    const lines = writer.lines;
    const all = cover + (await eventually('the writer writes', () => writer.lines > lines));
    await eventually('the keeper ends', () => !alive(keeper));
    await writer.assertBare();
    t.diagnostic(`after ${Math.round(all)} ms`);
    assert.ok(all < 5000, `${all} ms`);
  }));

for (const [name, victims] of [
  ['the keeper', ['keeper']],
  ['the keeper and the owner', ['owner', 'keeper']],
  ['the keeper and the server', ['keeper', 'server']],
  ['everybody', ['owner', 'keeper', 'server']],
] as const) {
  test(`${name} is killed: no faults any more, and recover takes it back`, () =>
    withInjection(async ({ writer, owner, keeper, server }) => {
      const pids = { owner: owner.pid ?? -1, keeper, server };
      for (const victim of victims) process.kill(pids[victim], 'SIGKILL');
      await eventually('the keeper is gone', () => !alive(keeper));
      if (!(victims as readonly string[]).includes('server')) {
        await pause(300);
        const errors = writer.errors.length;
        await pause(200);
        assert.equal(writer.errors.length, errors, 'the server goes on without faults');
      }
      const [result, ...others] = await recoverInjections();
      assert.deepEqual(others, []);
      assert.equal(result?.outcome, 'recovered', result?.did.join('; '));
      await eventually('the server ends', () => !alive(server));
      await writer.assertBare();
      assert.deepEqual(await recoverInjections(), []);
    }));
}

test('recover leaves alone what is held', () =>
  withInjection(async ({ writer }) => {
    assert.equal((await recoverInjections())[0]?.outcome, 'held');
    assert.ok(writer.covered);
    await eventually('faults go on', () => writer.errors.length > 10);
  }));
