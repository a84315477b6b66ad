import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sendSignal } from '@ordeal/linux';
import { LiveInjection, PATIENCE } from '../testing/live-injection.js';
import { NumberedWriter } from '../testing/numbered-writer.js';
import { eventually } from '../testing/target.js';

/** So many writes in a row that succeed are no accident where half of them fail. */
const MANY_BYTES = 1000;

async function withoutFaults(writer: NumberedWriter): Promise<void> {
  let [errors, size] = [-1, 0];
  await eventually(
    'faults are off',
    () => {
      if (writer.errors.length !== errors) [errors, size] = [writer.errors.length, writer.size];
      return writer.size > size + MANY_BYTES;
    },
    PATIENCE,
  );
}

async function withFaults(writer: NumberedWriter): Promise<void> {
  const errors = writer.errors.length;
  await eventually('faults are on', () => writer.errors.length > errors, PATIENCE);
}

for (const player of ['owner', 'keeper'] as const) {
  test(`the ${player} is stopped: faults are off until it goes on`, async () => {
    const writer = new NumberedWriter();
    const injection = new LiveInjection(writer);
    try {
      await injection.arm();
      await withFaults(writer);
      const [pid = -1] = injection.processes(player);
      sendSignal(pid, 'SIGSTOP');
      await withoutFaults(writer);
      assert.ok(writer.covered, 'nothing was moved back');
      sendSignal(pid, 'SIGCONT');
      await withFaults(writer);
      const told = /^the faults under \S+ were off for [\d.]+ s: this process or their keeper was stopped$/m;
      await eventually('a note says so', () => told.test(injection.notes), PATIENCE);
      injection.end();
      await injection.assertGone();
    } finally {
      injection.close();
    }
  });
}

test('faults that are to last for a month do not end at once', async () => {
  const writer = new NumberedWriter();
  const injection = new LiveInjection(writer, { spec: { days: 30 } });
  try {
    await injection.arm();
    for (let round = 0; round < 100; round++) await withFaults(writer);
    assert.equal(injection.notes, '');
    assert.ok(writer.covered);
    injection.end();
    await injection.assertGone();
  } finally {
    injection.close();
  }
});
