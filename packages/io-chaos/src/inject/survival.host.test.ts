import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LiveInjection, type LiveInjectionOptions, send } from './testing/live-injection.js';
import { NumberedWriter } from './testing/numbered-writer.js';
import { eventually, pause } from './testing/target.js';

async function withInjection(
  body: (injection: LiveInjection, writer: NumberedWriter) => Promise<void>,
  options: LiveInjectionOptions = {},
): Promise<void> {
  const writer = new NumberedWriter();
  const injection = new LiveInjection(writer, options);
  try {
    await injection.arm();
    if (options.spec) await pause(200);
    else await eventually('the faults', () => writer.errors.length > 3);
    await body(injection, writer);
  } finally {
    injection.close();
  }
}

/** The longest time, in milliseconds, in which nothing was written, from now until it has been written to for a second. */
async function longestStall(writer: NumberedWriter): Promise<number> {
  const begun = performance.now();
  let [size, since, longest] = [writer.size, begun, 0];
  for (let now = begun; now - begun < 1500 || longest > now - begun - 1000; now = performance.now()) {
    if (now - begun > 10_000) break;
    longest = Math.max(longest, now - since);
    if (writer.size > size) [size, since] = [writer.size, now];
    await pause(3);
  }
  return longest;
}

test('the owner is killed: the keeper takes it back', () =>
  withInjection(async (injection, writer) => {
    injection.kill('owner');
    await injection.assertGone();
    assert.deepEqual([...new Set(writer.errors)], [5]);
  }));

// A bound that was promised to whoever runs an experiment on a living database, not a measure of speed: it takes a
// fifth of it. No retry: the stall of a single kill counts.
test('the server is killed: the target writes on within a second', (t) =>
  withInjection(async (injection, writer) => {
    injection.kill('server');
    const stall = await longestStall(writer);
    t.diagnostic(`stalled for ${Math.round(stall)} ms`);
    assert.ok(stall < 1000, `${stall} ms`);
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

test('a server under delays is killed: nobody waits for them', (t) =>
  withInjection(
    async (injection, writer) => {
      injection.kill('server');
      const stall = await longestStall(writer);
      t.diagnostic(`stalled for ${Math.round(stall)} ms`);
      assert.ok(stall < 1000, `${stall} ms`);
      await injection.assertGone();
    },
    { spec: { action: 'latency', delay: '60000000000', percent: 100 } },
  ));

for (const [name, victims] of [
  ['the keeper', ['keeper']],
  ['the keeper and the owner', ['owner', 'keeper']],
] as const) {
  test(`${name} is killed: no faults any more, and recover takes it back`, () =>
    withInjection(async (injection, writer) => {
      injection.kill(...victims);
      await eventually('the keeper is gone', () => injection.processes('keeper').length === 0);
      await pause(300);
      const errors = writer.errors.length;
      await pause(200);
      assert.equal(writer.errors.length, errors, 'the server goes on without faults');
      const [result, ...others] = (await injection.recover()) ?? [];
      assert.deepEqual(others, []);
      assert.equal(result?.outcome, 'recovered', result?.did.join('; '));
      await injection.assertGone();
      assert.deepEqual(await injection.recover(), []);
    }));
}

test('a server that is stopped is taken for dead, by the keeper', () =>
  withInjection(async (injection, writer) => {
    for (const pid of injection.processes('server')) send(pid, 'SIGSTOP');
    await eventually('the cover is off', () => !writer.covered);
    await injection.assertGone();
  }));

test('a server that is stopped is taken for dead, by a recovery', () =>
  withInjection(async (injection) => {
    for (const pid of injection.processes('server')) send(pid, 'SIGSTOP');
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
