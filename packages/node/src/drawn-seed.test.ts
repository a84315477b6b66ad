import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IOChaosSpec } from '@ordeal/experiment';
import { soleMatch, withSeed } from './drawn-seed.js';

const spec = (fields: Partial<IOChaosSpec>) =>
  ({ action: 'fault', percent: 100, ...fields }) as unknown as IOChaosSpec;

test('a seed is drawn for a random choice without one', () => {
  for (const fields of [{ percent: 50 }, { action: 'mistake' as const }]) {
    assert.equal(typeof withSeed(spec(fields)).seed, 'number');
    assert.equal(withSeed(spec({ ...fields, seed: 7 })).seed, 7);
  }
  assert.equal(withSeed(spec({})).seed, undefined);
  assert.equal(withSeed(spec({ percent: 0 })).seed, undefined);
});

test('which match got the only fault', () => {
  assert.equal(soleMatch(spec({ after: 2, times: 1 }), 1n), 3);
  assert.equal(soleMatch(spec({ after: 2, every: 5 }), 1n), 7);
  assert.equal(soleMatch(spec({}), 2n), undefined);
  assert.equal(soleMatch(spec({ percent: 50 }), 1n), undefined);
});
