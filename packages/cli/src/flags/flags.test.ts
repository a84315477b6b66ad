import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrdealError } from '@ordeal/diagnostics';
import { diskSize } from './disk-size.js';
import { durationFlag } from './duration-flag.js';
import { flagWords } from './flag-words.js';
import { targetChoice } from './target-flags.js';

const refusal = (attempt: () => unknown): string => {
  try {
    attempt();
  } catch (error) {
    if (error instanceof OrdealError) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'accepted';
};

test('exactly one target', () => {
  assert.deepEqual(targetChoice({ pid: '4211' }, undefined), { kind: 'pid', pid: 4211 });
  assert.deepEqual(targetChoice({}, ['true']), { kind: 'command', command: ['true'] });
  assert.equal(
    refusal(() => targetChoice({}, undefined)),
    'ORD-309 There is no target: on one host, flags choose it',
  );
  assert.equal(
    refusal(() => targetChoice({ pid: '1', cgroup: 'a' }, ['true'])),
    'ORD-309 --pid and --cgroup and -- CMD cannot be combined: a run has one target',
  );
  assert.equal(
    refusal(() => targetChoice({}, [])),
    'ORD-309 There is no command after --',
  );
  assert.equal(
    refusal(() => targetChoice({ pid: '-1' }, undefined)),
    "ORD-901 --pid: '-1' is not a process id",
  );
});

test('durations', () => {
  assert.equal(durationFlag('--duration', '1.5s'), 1_500_000_000n);
  assert.equal(
    refusal(() => durationFlag('--duration', '10')),
    "ORD-901 --duration: '10' has no unit",
  );
  assert.equal(
    refusal(() => durationFlag('--before', '-1s')),
    'ORD-901 --before: -1s is negative',
  );
});

test('disk sizes', () => {
  assert.deepEqual(
    ['64', '64M', '2GiB'].map((text) => diskSize(text).sizeMiB),
    [64, 64, 2048],
  );
  for (const text of ['', '0', '1T', '-1', '99999999']) {
    assert.match(
      refusal(() => diskSize(text)),
      /^ORD-901 --disk: '.*' is not a size/,
    );
  }
});

test('flags as they are written, those that only affect output left out', () => {
  assert.deepEqual(flagWords({ json: true, withExec: true, seed: 7, disk: ['64M', '1G'] }), [
    ...['--with-exec', '--seed', '7', '--disk', '64M', '--disk', '1G'],
  ]);
});
