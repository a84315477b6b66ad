import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timestamp } from './timestamp.js';

test('a time has whole seconds, rounded down', () => {
  assert.equal(timestamp(new Date('2026-11-20T12:00:00.999Z')), '2026-11-20T12:00:00Z');
  assert.equal(timestamp(new Date('2026-11-20T12:00:00Z')), '2026-11-20T12:00:00Z');
});
