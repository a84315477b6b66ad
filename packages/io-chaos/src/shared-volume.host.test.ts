import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openWaiting, requestsWaiting } from '@ordeal/fuse';
import { readMounts } from '@ordeal/linux';
import { LiveInjection, PATIENCE, type Player } from './testing/live-injection.js';
import { PuppetTarget } from './testing/puppet-target.js';
import { eventually } from './testing/target.js';

const EIO = 5;
const ENOSPC = 28;
const F_SETSIG = 10;
const F_GETSIG = 11;

/** Faults for one file of the volume. */
const faultsFor = (target: PuppetTarget, name: string, method: string, errno: number) => ({
  action: 'fault',
  errno,
  percent: 100,
  methods: [method],
  path: join(target.volume, name),
});

/** Calls with a function that says how many requests of the volume wait for an answer. */
async function withWaiting({ pid, volume }: PuppetTarget, action: (requests: () => number) => Promise<void>) {
  const { device = '' } = readMounts(pid).find(({ path }) => path === volume) ?? {};
  const file = openWaiting(Number(device.split(':')[1]));
  try {
    await action(() => requestsWaiting(file));
  } finally {
    file.close();
  }
}

/** A program that has two files of the volume open, and the injections that come and go under it. */
class Shared {
  readonly target = new PuppetTarget();
  readonly injections: LiveInjection[] = [];

  async open(): Promise<void> {
    mkdirSync(join(this.target.volume, 'dir'));
    for (const name of ['a', 'b', 'dir/c']) writeFileSync(join(this.target.volume, name), name);
    await this.target.run(`
def attempt(call):
  try: call(); return 0
  except OSError as error: return error.errno
files = {name: os.open(f"{volume}/{name}", os.O_RDWR) for name in ("a", "b", "dir/c")}`);
  }

  /** What errors so many operations on a file get: 0 for none. */
  async errors(name: string, call: string, times = 3): Promise<number[]> {
    const code = `result = [attempt(lambda: ${call.replace('FILE', `files[${JSON.stringify(name)}]`)}) for _ in range(${times})]`;
    return (await this.target.run(code)) as number[];
  }

  write(name: string): Promise<number[]> {
    return this.errors(name, 'os.pwrite(FILE, b"x", 0)');
  }

  sync(name: string): Promise<number[]> {
    return this.errors(name, 'os.fsync(FILE)');
  }

  async arm(spec: object, path?: string): Promise<LiveInjection> {
    const [joins] = this.injections;
    const injection = new LiveInjection(this.target, {
      spec,
      ...(path && { path }),
      ...(joins && { joins }),
    });
    this.injections.push(injection);
    await injection.arm();
    return injection;
  }

  /** Nothing of any of them is left. */
  async assertGone(): Promise<void> {
    for (const { owner } of this.injections) owner.kill('SIGKILL');
    await this.injections[0]?.assertGone();
  }

  close(): void {
    this.injections[0]?.close();
  }
}

async function withShared(body: (shared: Shared) => Promise<void>): Promise<void> {
  const shared = new Shared();
  try {
    await shared.open();
    await body(shared);
  } finally {
    shared.close();
  }
}

const none = [0, 0, 0];

for (const order of ['the first ends first', 'the last ends first'] as const) {
  test(`two experiments on one volume, ${order}: nobody is moved a second time, each counts its own`, () =>
    withShared(async (shared) => {
      const { target } = shared;
      const first = await shared.arm(faultsFor(target, 'a', 'write', EIO));
      // What a move loses: so the descriptor shows that it is still the same one.
      const mark = `result = fcntl.fcntl(files["b"], ${F_GETSIG})`;
      await target.run(`fcntl.fcntl(files["b"], ${F_SETSIG}, signal.SIGUSR1)`);
      assert.deepEqual([await shared.write('a'), await shared.sync('b')], [Array(3).fill(EIO), none]);
      const second = await shared.arm(faultsFor(target, 'b', 'fsync', ENOSPC));
      assert.equal(second.passes, 0);
      assert.deepEqual(
        [await shared.write('a'), await shared.sync('b')],
        [Array(3).fill(EIO), Array(3).fill(ENOSPC)],
      );
      const inOrder = order === 'the first ends first' ? [first, second] : [second, first];
      const [one, other] = inOrder;
      const fired = new Map([[one, await one?.recovered()]]);
      assert.deepEqual(await shared.write('a'), one === first ? none : Array(3).fill(EIO));
      assert.deepEqual(await shared.sync('b'), one === second ? none : Array(3).fill(ENOSPC));
      assert.equal(await target.run(mark), 10);
      assert.ok(target.covered);
      fired.set(other, await other?.recovered());
      const expected = order === 'the first ends first' ? [6, 6] : [9, 3];
      assert.deepEqual([fired.get(first), fired.get(second)], expected);
      assert.deepEqual([await shared.write('a'), await shared.sync('b')], [none, none]);
      assert.equal(await target.run(mark), 0, 'moved back');
      await shared.assertGone();
    }));
}

test('an open file that bypasses the server comes to meet the faults of a later experiment', () =>
  withShared(async (shared) => {
    const { target } = shared;
    const first = await shared.arm(faultsFor(target, 'a', 'write', EIO));
    assert.deepEqual([await shared.write('a'), await shared.write('b')], [Array(3).fill(EIO), none]);
    const second = await shared.arm(faultsFor(target, 'b', 'write', ENOSPC));
    assert.deepEqual(
      [await shared.write('a'), await shared.write('b')],
      [Array(3).fill(EIO), Array(3).fill(ENOSPC)],
    );
    assert.deepEqual([await first.recovered(), await second.recovered()], [6, 3]);
    await shared.assertGone();
  }));

test('an experiment for a directory of a held volume meets what is in it; one around it is refused', () =>
  withShared(async (shared) => {
    const { target } = shared;
    const anything = { action: 'fault', errno: EIO, percent: 100, methods: ['write'] };
    const first = await shared.arm(anything, join(target.volume, 'dir'));
    assert.deepEqual([await shared.write('a'), await shared.write('dir/c')], [none, Array(3).fill(EIO)]);
    const around = new LiveInjection(target, { spec: anything, joins: first });
    assert.equal(await around.armed, false);
    assert.match(around.notes, /dir below \S+ is under the I\/O experiment of process/);
    await first.recovered();
    const whole = await shared.arm({ ...anything, methods: ['fsync'] });
    const inside = await shared.arm(anything, join(target.volume, 'dir'));
    assert.deepEqual([await shared.write('a'), await shared.write('dir/c')], [none, Array(3).fill(EIO)]);
    assert.deepEqual(await shared.sync('dir/c'), Array(3).fill(EIO));
    assert.deepEqual([await whole.recovered(), await inside.recovered()], [3, 3]);
    await shared.assertGone();
  }));

test('what an experiment delays goes on at once when it ends, and what another one delays does not', () =>
  withShared(async (shared) => {
    const { target } = shared;
    const hour = String(3_600_000_000_000n);
    const slow = (name: string) => ({
      ...faultsFor(target, name, 'fsync', EIO),
      action: 'latency',
      delay: hour,
    });
    const [first, second] = [await shared.arm(slow('a')), await shared.arm(slow('b'))];
    await target.run(`
done = []
def sync(name):
  os.fsync(files[name])
  done.append(name)
for name in ("a", "b"): threading.Thread(target=sync, args=[name]).start()`);
    await withWaiting(target, (requests) => eventually('both wait', () => requests() === 2, PATIENCE));
    const waiting = async () => (await target.run('result = done')) as string[];
    const fired = first.recovered();
    for (const end = performance.now() + PATIENCE; (await waiting()).length === 0; )
      assert.ok(performance.now() < end, 'the delayed request waits on');
    assert.deepEqual([await fired, await waiting()], [1, ['a']]);
    assert.equal(await second.recovered(), 1);
    for (const end = performance.now() + PATIENCE; (await waiting()).length < 2; )
      assert.ok(performance.now() < end, 'the delayed request waits on');
    await shared.assertGone();
  }));

for (const victim of ['first', 'second'] as const) {
  test(`the ${victim} of two owners is killed: its faults end, and the other's go on`, () =>
    withShared(async (shared) => {
      const { target } = shared;
      const first = await shared.arm(faultsFor(target, 'a', 'write', EIO));
      const second = await shared.arm(faultsFor(target, 'b', 'fsync', ENOSPC));
      const [killed, left] = victim === 'first' ? [first, second] : [second, first];
      killed.owner.kill('SIGKILL');
      const ended = () => (victim === 'first' ? shared.write('a') : shared.sync('b'));
      for (const end = performance.now() + PATIENCE; (await ended())[2] !== 0; )
        assert.ok(performance.now() < end, 'the faults go on');
      const others = await (victim === 'first' ? shared.sync('b') : shared.write('a'));
      assert.deepEqual(others, Array(3).fill(victim === 'first' ? ENOSPC : EIO));
      assert.ok((await left.recovered()) >= 3);
      await shared.assertGone();
    }));
}

for (const victim of ['server', 'keeper'] satisfies Player[]) {
  test(`the ${victim} of two owners is killed: both are told, and the volume is itself again`, () =>
    withShared(async (shared) => {
      const { target } = shared;
      const first = await shared.arm(faultsFor(target, 'a', 'write', EIO));
      const second = await shared.arm(faultsFor(target, 'b', 'fsync', ENOSPC));
      await first.moverReady();
      first.kill(victim);
      const told = victim === 'server' ? /is being restored: the server has died/ : /keeper .* has died/;
      await eventually(
        'both are told',
        () => [first, second].every(({ notes }) => told.test(notes)),
        PATIENCE,
      );
      if (victim === 'keeper') assert.equal((await first.recover())?.[0]?.outcome, 'recovered');
      await eventually('nothing is mounted', () => !target.covered, PATIENCE);
      assert.deepEqual([await shared.write('a'), await shared.sync('b')], [none, none]);
      await shared.assertGone();
    }));
}
