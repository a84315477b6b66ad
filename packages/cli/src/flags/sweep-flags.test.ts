import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrdealError } from '@ordeal/diagnostics';
import { type SweepFlags, subjectFlags, sweepSettings } from './sweep-flags.js';

function refusal(flags: SweepFlags, command: readonly string[] = ['true']): string {
  try {
    sweepSettings(flags, command);
  } catch (error) {
    if (error instanceof OrdealError) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'accepted';
}

test('defaults and given values', () => {
  assert.deepEqual(sweepSettings({}, ['true']), {
    limitMs: 10_000,
    settle: 3,
    most: 10_000,
    only: undefined,
    from: false,
    states: 1,
  });
  const given = { limit: '1.5s', settle: '1', most: '7', only: '3, 231', from: true, cut: '5' } as const;
  assert.deepEqual(sweepSettings(given, ['true']), {
    limitMs: 1_500,
    settle: 1,
    most: 7,
    only: [3, 231],
    from: true,
    states: 5,
  });
});

test('what makes no sense is refused', () => {
  assert.throws(() => sweepSettings({}, undefined), { code: 'ORD-309' });
  assert.equal(refusal({}, []), 'ORD-309 A sweep needs a command: -- CMD ARGS…');
  assert.equal(refusal({ limit: '10' }), "ORD-901 --limit: '10' has no unit");
  assert.equal(refusal({ limit: '0s' }), 'ORD-901 --limit: 0s is out of range; 1ms to 24h');
  assert.equal(refusal({ limit: '1000h' }), 'ORD-901 --limit: 1000h is out of range; 1ms to 24h');
  assert.equal(refusal({ settle: '0' }), "ORD-901 --settle: '0' is not a number from 1");
  assert.equal(refusal({ most: 'all' }), "ORD-901 --most: 'all' is not a number from 1");
  assert.equal(refusal({ only: '1,,2' }), "ORD-901 --only: '' is not a number from 1");
  for (const flags of [{ report: 'a' }, { resume: 'a.json' }]) {
    assert.match(refusal({ only: '1', ...flags }), /^ORD-901 --only .* cannot be combined/);
  }
});

test('flags that say what a run is are given again, others not', () => {
  assert.deepEqual(subjectFlags({ syscalls: 'openat,write=ENOSPC' }), ['--syscalls=openat,write=ENOSPC']);
  assert.deepEqual(subjectFlags({ syscalls: true }), ['--syscalls']);
  assert.deepEqual(
    subjectFlags({ limit: '2s', check: 'cmp a b', sameOutput: true, most: '5', report: 'x', json: true }),
    ['--limit=2s', '--check=cmp a b', '--same-output'],
  );
});
