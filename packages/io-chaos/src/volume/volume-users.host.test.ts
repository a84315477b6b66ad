import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { LiveInjection, PATIENCE } from '../testing/live-injection.js';
import { NumberedWriter } from '../testing/numbered-writer.js';
import { eventually } from '../testing/target.js';

/** Attaches a file of the volume to a loop device while faults last, as somebody who sees the volume. */
async function withLoopDevice(
  body: (
    injection: LiveInjection,
    writer: NumberedWriter,
    device: string,
    detach: () => void,
  ) => Promise<void>,
): Promise<void> {
  const writer = new NumberedWriter();
  const injection = new LiveInjection(writer);
  let device: string | undefined;
  const detach = () => {
    if (device !== undefined) execFileSync('losetup', ['-d', device]);
    device = undefined;
  };
  try {
    await injection.arm();
    const inside = ['-t', String(writer.pid), '--mount'];
    const image = `${writer.volume}/disk.img`;
    execFileSync('nsenter', [...inside, 'truncate', '-s', '1M', image]);
    const losetup = ['losetup', '--find', '--show', image];
    device = execFileSync('nsenter', [...inside, ...losetup], { encoding: 'utf8' }).trim();
    await body(injection, writer, device, detach);
  } finally {
    detach();
    injection.close();
  }
}

const reason = (device: string) =>
  new RegExp(
    `^process \\d+ keeps running, without faults: loop device ${device} has disk.img of the volume attached: losetup -d ${device}$`,
    'm',
  );

test('a loop device on a file of the volume keeps the server, is named, and works on', () =>
  withLoopDevice(async (injection, writer, device, detach) => {
    injection.end();
    await eventually('the owner is told', () => /^recovered$/m.test(injection.notes), PATIENCE);
    assert.match(injection.notes, reason(device));
    await writer.assertBare();
    const [result] = (await injection.recover()) ?? [];
    assert.equal(result?.outcome, 'held');
    assert.match(result.did.join('\n'), reason(device));
    assert.equal(readFileSync(device).length, 1 << 20);
    detach();
    await injection.assertGone();
  }));

test('a recovery does not end a server that a loop device needs', () =>
  withLoopDevice(async (injection, writer, device, detach) => {
    injection.kill('owner', 'keeper');
    const [first] = (await injection.recover()) ?? [];
    assert.equal(first?.outcome, 'partly');
    assert.match(first.did.join('\n'), reason(device));
    await writer.assertBare();
    assert.equal(readFileSync(device).length, 1 << 20);
    detach();
    const [second] = (await injection.recover()) ?? [];
    assert.equal(second?.outcome, 'recovered', second?.did.join('; '));
    await injection.assertGone();
  }));
