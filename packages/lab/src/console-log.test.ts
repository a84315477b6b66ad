import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tailLines } from './console-log.js';

test('the last lines, without blank ones and terminal control', () => {
  assert.deepEqual(tailLines('a\r\n\n\x1b[2J\x1b[1;31mb\x1b[0m\nc\n', 2), ['b', 'c']);
});

test('a panic ends the tail with its reason', () => {
  const text = 'mount failed\nKernel panic - not syncing: no init\nCPU: 0\nCall Trace:\n';
  assert.deepEqual(tailLines(text, 5), ['mount failed', 'Kernel panic - not syncing: no init']);
});
