import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ServedVolume } from '../testing/served-volume.js';
import { type LockMark, readMark } from './lock-mark.js';

/** A process with a file open, which locks as it is told. */
class Client {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  constructor(file: string) {
    const program = fileURLToPath(new URL('../testing/lock-client.js', import.meta.url));
    this.#child = spawn(process.execPath, [program, file], { stdio: ['pipe', 'pipe', 'inherit'] });
    if (!this.#child.stdout) throw new Error('no output');
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async do(command: string): Promise<string> {
    this.#child.stdin?.write(`${command}\n`);
    const answer = await this.#answers.next();
    return answer.done ? 'ended' : answer.value;
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

async function withClients(
  count: number,
  body: (clients: readonly Client[], outside: Client, volume: ServedVolume) => Promise<void>,
): Promise<void> {
  const volume = await ServedVolume.start(tmpdir());
  writeFileSync(`${volume.original}/file`, '');
  const clients = Array.from({ length: count }, () => new Client(`${volume.mounted}/file`));
  const outside = new Client(`${volume.original}/file`);
  try {
    await body(clients, outside, volume);
    const { parked } = await volume.command('status');
    assert.equal(parked, 0);
    assert.equal(volume.errors, '');
  } finally {
    for (const client of [...clients, outside]) await client.end();
    await volume.stop();
  }
}

for (const kind of ['posix', 'ofd', 'flock']) {
  const take = kind === 'flock' ? 'flock 6' : `${kind} 1 0 10`;
  const wait = kind === 'flock' ? 'flock 2' : `${kind}w 1 0 10`;
  const give = kind === 'flock' ? 'flock 8' : `${kind} 2 0 0`;

  test(`${kind}: who waits gets the lock when it is given back, or when its holder dies`, () =>
    withClients(3, async ([a, b, c], _, volume) => {
      assert.ok(a && b && c);
      assert.equal(await a.do(take), 'ok');
      assert.equal(await b.do(take), 'EAGAIN');
      const waiting = b.do(wait);
      await volume.untilParked(1);
      assert.equal(await a.do(give), 'ok');
      assert.equal(await waiting, 'ok');
      const next = c.do(wait);
      await volume.untilParked(1);
      await b.end();
      assert.equal(await next, 'ok');
    }));

  test(`${kind}: who waits can be killed, and takes nothing along`, () =>
    withClients(3, async ([a, b, c], _, volume) => {
      assert.ok(a && b && c);
      assert.equal(await a.do(take), 'ok');
      void b.do(wait);
      await volume.untilParked(1);
      await b.end();
      assert.equal(await a.do(give), 'ok');
      assert.equal(await c.do(take), 'ok');
    }));

  test(`${kind}: locks count for users of the original tree, and theirs count here`, () =>
    withClients(1, async ([a], outside, volume) => {
      assert.ok(a);
      assert.equal(await a.do(take), 'ok');
      assert.equal(await outside.do(take), 'EAGAIN');
      assert.equal(await a.do(give), 'ok');
      assert.equal(await outside.do(take), 'ok');
      const waiting = a.do(wait);
      await volume.untilParked(1);
      assert.equal(await outside.do(give), 'ok');
      assert.equal(await waiting, 'ok');
    }));
}

test('processes that would wait for each other for ever are told', () =>
  withClients(2, async ([a, b], _, volume) => {
    assert.ok(a && b);
    assert.equal(await a.do('posix 1 0 1'), 'ok');
    assert.equal(await b.do('posix 1 1 1'), 'ok');
    const waiting = a.do('posixw 1 1 1');
    await volume.untilParked(1);
    assert.equal(await b.do('posixw 1 0 1'), 'EDEADLK');
    assert.equal(await b.do('posix 2 0 0'), 'ok');
    assert.equal(await waiting, 'ok');
  }));

test('closing any descriptor of a file ends the locks of the process', () =>
  withClients(2, async ([a, b]) => {
    assert.ok(a && b);
    assert.equal(await a.do('posix 1 0 0'), 'ok');
    assert.equal(await b.do('posix 0 5 1'), 'EAGAIN');
    assert.equal(await a.do('close'), 'ok');
    assert.equal(await b.do('posix 0 5 1'), 'ok');
  }));

/** Whose locks the descriptors of a server carry. */
function marksOf(server: number): (LockMark | undefined)[] {
  const infos = readdirSync(`/proc/${server}/fd`).map((number) =>
    readFileSync(`/proc/${server}/fdinfo/${number}`, 'latin1'),
  );
  return infos
    .filter((text) => /^lock:/m.test(text))
    .map((text) => readMark(Number(/^pos:\s*(\d+)/m.exec(text)?.[1])));
}

for (const [name, kind] of [
  ['posix', 'POSIX'],
  ['posixw', 'POSIX'],
  ['ofd', 'OFDLCK'],
]) {
  test(`${name}: the owner of a lock is known even if signals wake the thread that asks`, () =>
    withClients(1, async ([a], _, volume) => {
      assert.ok(a);
      const storm = spawn('sh', ['-c', `while kill -WINCH ${a.pid}; do :; done 2>/dev/null`]);
      try {
        for (let count = 0; count < 500; count++) {
          const taken: string = await a.do(`${name} 1 0 10`);
          // Who waits may have to ask again.
          if (taken === 'EINTR') continue;
          assert.equal(taken, 'ok');
          const marks = marksOf(volume.pid);
          assert.deepEqual(
            marks.map((mark) => [mark?.kind, mark?.pid]),
            [[kind, a.pid]],
          );
          assert.equal(await a.do(`${name} 2 0 0`), 'ok');
        }
      } finally {
        storm.kill('SIGKILL');
        await once(storm, 'exit');
      }
    }));
}
