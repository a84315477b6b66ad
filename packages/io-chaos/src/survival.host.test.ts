import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { cgroup2Root, sendSignal } from '@ordeal/linux';
import { LiveInjection, type LiveInjectionOptions } from './testing/live-injection.js';
import { NumberedWriter } from './testing/numbered-writer.js';
import { PuppetTarget } from './testing/puppet-target.js';
import { eventually } from './testing/target.js';

async function withInjection(
  body: (injection: LiveInjection, writer: NumberedWriter) => Promise<void>,
  options: LiveInjectionOptions = {},
): Promise<void> {
  const writer = new NumberedWriter();
  const injection = new LiveInjection(writer, options);
  try {
    await injection.arm();
    if (options.spec) await eventually('a delayed write', () => writer.isWriting);
    else await eventually('the faults', () => writer.errors.length > 3);
    await body(injection, writer);
  } finally {
    injection.close();
  }
}

/** Waits until many more lines have been written. */
async function writesOn(writer: NumberedWriter): Promise<void> {
  const { size } = writer;
  await eventually('it writes on', () => writer.size > size + 500);
}

test('the owner is killed: the keeper takes it back', () =>
  withInjection(async (injection, writer) => {
    injection.kill('owner');
    await injection.assertGone();
    assert.deepEqual([...new Set(writer.errors)], [5]);
  }));

test('the owner is killed with its whole cgroup: the keeper takes it back', async () => {
  const cgroup = mkdtempSync(join(cgroup2Root() ?? '', 'ordeal-owner-'));
  try {
    await withInjection(
      async (injection) => {
        writeFileSync(join(cgroup, 'cgroup.kill'), '1');
        await injection.assertGone();
      },
      { cgroup },
    );
  } finally {
    rmdirSync(cgroup);
  }
});

test('the server is killed: the target writes on', () =>
  withInjection(async (injection, writer) => {
    injection.kill('server');
    await writesOn(writer);
    await injection.assertGone();
    // Requests on their way are made once more, which other machines do not allow.
    if (process.arch === 'x64') assert.deepEqual([...new Set(writer.errors)], [5]);
  }));

test('a server is killed while its users write all the time: no line is lost or doubled', async () => {
  const writer = new NumberedWriter(false, 0);
  const injection = new LiveInjection(writer);
  try {
    await injection.arm();
    await eventually('the faults', () => writer.errors.length > 3);
    injection.kill('server');
    await injection.assertGone();
  } finally {
    injection.close();
  }
});

test('a server under delays is killed: nobody waits for them', () =>
  withInjection(
    async (injection, writer) => {
      injection.kill('server');
      await writesOn(writer);
      await injection.assertGone();
    },
    // A day.
    { spec: { action: 'latency', delay: '86400000000000', percent: 100 } },
  ));

for (const [name, victims] of [
  ['the keeper', ['keeper']],
  ['the keeper and the owner', ['owner', 'keeper']],
] as const) {
  test(`${name} is killed: no faults any more, and recover takes it back`, () =>
    withInjection(async (injection, writer) => {
      injection.kill(...victims);
      await eventually('the keeper is gone', () => injection.processes('keeper').length === 0);
      // Half of the writes fail while there are faults.
      let [errors, size] = [-1, 0];
      await eventually('the server goes on without faults', () => {
        if (writer.errors.length === errors) return writer.size > size + 500;
        [errors, size] = [writer.errors.length, writer.size];
        return false;
      });
      const [result, ...others] = (await injection.recover()) ?? [];
      assert.deepEqual(others, []);
      assert.equal(result?.outcome, 'recovered', result?.did.join('; '));
      await injection.assertGone();
      assert.deepEqual(await injection.recover(), []);
    }));
}

test('a server that is stopped is taken for dead, by the keeper', () =>
  withInjection(async (injection, writer) => {
    for (const pid of injection.processes('server')) sendSignal(pid, 'SIGSTOP');
    await eventually('the cover is off', () => !writer.covered);
    await injection.assertGone();
  }));

test('a server that is stopped is taken for dead, by a recovery', () =>
  withInjection(async (injection) => {
    for (const pid of injection.processes('server')) sendSignal(pid, 'SIGSTOP');
    injection.kill('owner', 'keeper');
    const [result] = (await injection.recover()) ?? [];
    assert.equal(result?.outcome, 'recovered', result?.did.join('; '));
    await injection.assertGone();
  }));

test('recover leaves alone what is held', () =>
  withInjection(async (injection, writer) => {
    assert.equal((await injection.recover())?.[0]?.outcome, 'held');
    assert.ok(writer.covered);
    const errors = writer.errors.length;
    await eventually('faults go on', () => writer.errors.length > errors + 10);
  }));

test('two recoveries at once: one takes it back, the other leaves it alone', () =>
  withInjection(async (injection) => {
    injection.kill('owner', 'keeper');
    const first = injection.recover('recovery: begun');
    const halted = await injection.halted();
    const [second] = (await injection.recover()) ?? [];
    assert.equal(second?.outcome, 'held');
    assert.deepEqual(second.did, [`process ${halted} holds it and recovers it itself`]);
    sendSignal(halted, 'SIGCONT');
    const [result] = (await first) ?? [];
    assert.equal(result?.outcome, 'recovered', result?.did.join('; '));
    await injection.assertGone();
  }));

test('recoveries that start together do not meet', () =>
  withInjection(async (injection) => {
    injection.kill('owner', 'keeper', 'server');
    const results = (await Promise.all([1, 2, 3].map(() => injection.recover()))).flatMap(
      (each) => each ?? [],
    );
    const outcomes = results.map(({ outcome }) => outcome);
    assert.deepEqual(
      outcomes.filter((each) => each !== 'held'),
      ['recovered'],
      JSON.stringify(results),
    );
    await injection.assertGone();
  }));

test('the owner is killed before anything was touched: nothing is', async () => {
  const writer = new NumberedWriter();
  const injection = new LiveInjection(writer, { haltAt: 'keeper: checked' });
  try {
    const keeper = await injection.halted();
    const ended = once(injection.owner, 'exit');
    injection.kill('owner');
    await ended;
    sendSignal(keeper, 'SIGCONT');
    await injection.assertGone();
    assert.equal(injection.hasBegun, false, 'there was a journal');
  } finally {
    injection.close();
  }
});

test('a volume behind a link that leads elsewhere meanwhile is recovered where it was', async () => {
  const writer = new NumberedWriter();
  const link = writer.path('link');
  symlinkSync('data', link);
  const injection = new LiveInjection(writer, { path: link });
  try {
    await injection.arm();
    await eventually('the faults', () => writer.errors.length > 3);
    rmSync(link);
    mkdirSync(writer.path('elsewhere'));
    symlinkSync('elsewhere', link);
    injection.kill('owner', 'keeper');
    const [result] = (await injection.recover()) ?? [];
    assert.equal(result?.outcome, 'recovered', result?.did.join('; '));
    await injection.assertGone();
  } finally {
    injection.close();
  }
});

test('a target with a root directory of its own is moved, and recovered', async () => {
  const target = new PuppetTarget();
  const root = JSON.stringify(target.directory);
  await target.run(`import os\nlog = os.open(volume + "/log", os.O_CREAT | os.O_RDWR)\nos.chroot(${root})`);
  const injection = new LiveInjection(target, { path: '/data', spec: { percent: 100 } });
  try {
    await injection.arm();
    const write = 'try:\n  os.write(log, b"x")\n  result = 0\nexcept OSError as error: result = error.errno';
    assert.equal(await target.run(write), 5);
    injection.kill('owner', 'keeper');
    const [result] = (await injection.recover()) ?? [];
    assert.equal(result?.outcome, 'recovered', result?.did.join('; '));
    assert.equal(await target.run(write), 0);
    await injection.assertGone();
  } finally {
    injection.close();
  }
});

for (const sameNamespace of [false, true]) {
  const where = sameNamespace ? 'in the mount namespace of the target' : 'elsewhere';
  test(`everybody is killed at once: one recovery ${where} takes the volume's own directory back`, async () => {
    const target = new PuppetTarget();
    const injection = new LiveInjection(target, { spec: { percent: 0 }, sameNamespace });
    try {
      await injection.arm();
      // For O_PATH nobody asks the server: the kernel still has a number of its own for the inode.
      await target.run('root = os.open(volume, os.O_PATH)');
      injection.kill('owner', 'keeper', 'server', 'descriptor keeper', 'mover');
      const [result] = (await injection.recover()) ?? [];
      assert.equal(result?.outcome, 'recovered', result?.did.join('; '));
      await injection.assertGone();
    } finally {
      injection.close();
    }
  });
}
