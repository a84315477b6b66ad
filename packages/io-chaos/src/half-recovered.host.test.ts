import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Fd, identifyDescriptor, mountDetached, sendSignal } from '@ordeal/linux';
import { LiveInjection } from './testing/live-injection.js';
import { NumberedWriter } from './testing/numbered-writer.js';
import { eventually } from './testing/target.js';

for (const step of ['disabled', 'moved back', 'uncovered', 'moved back again'] as const) {
  test(`recover() whose keeper is killed when it has ${step}: it says so, and a recovery finishes`, async () => {
    const injection = new LiveInjection(new NumberedWriter(), { haltAt: `keeper: ${step}` });
    try {
      await injection.arm();
      injection.end();
      await injection.halted();
      injection.kill('keeper');
      await eventually('recover() is over', () => injection.notes.includes('recovered\n'));
      // Then comes what is left.
      assert.match(
        injection.notes,
        /(^|\n)recovered\nthe keeper of the I\/O faults has died: run `ordeal recover`\n$/,
      );
      assert.equal(injection.owner.exitCode, null, 'the owner lives');
      const [result] = (await injection.recover()) ?? [];
      assert.equal(result?.outcome, 'recovered', result?.did.join('; '));
      await injection.assertGone();
    } finally {
      injection.close();
    }
  });
}

test('recover() just after the server was killed: the faults have ended early', async () => {
  const injection = new LiveInjection(new NumberedWriter());
  try {
    await injection.arm();
    // The keeper hears of the end first, and of its server's death while it takes the volume back.
    const [keeper = -1] = injection.processes('keeper');
    sendSignal(keeper, 'SIGSTOP');
    injection.end();
    injection.kill('server');
    await eventually('the server is gone', () => injection.processes('server').length === 0);
    sendSignal(keeper, 'SIGCONT');
    await eventually('recover() is over', () => /^recovered$/m.test(injection.notes));
    assert.match(injection.notes, /^ended early$/m);
    await injection.assertGone();
  } finally {
    injection.close();
  }
});

test('a file system that has got the number of a connection which never served is not taken for it', async () => {
  const injection = new LiveInjection(new NumberedWriter(), { haltAt: 'keeper: connection recorded' });
  const others: Fd[] = [];
  try {
    await injection.halted();
    const { connection } = injection.journal;
    const [server = -1] = injection.processes('server');
    // It has nothing to serve yet, and would end by itself.
    sendSignal(server, 'SIGSTOP');
    injection.kill('keeper');
    await eventually('the keeper is gone', () => injection.processes('keeper').length === 0);
    // The lowest number that is free comes next; where none of these has got it, another program's has.
    const got = () => others.some(({ number }) => identifyDescriptor(number).device === `0:${connection}`);
    while (!got() && others.length < 100) others.push(mountDetached('tmpfs'));
    const [result] = (await injection.recover()) ?? [];
    assert.equal(result?.outcome, 'recovered', result?.did.join('; '));
    await injection.assertGone();
  } finally {
    for (const other of others) other.close();
    injection.close();
  }
});
