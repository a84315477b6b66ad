import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstCpu } from './link.js';

test('a probe is opened on an online CPU, even if CPU 0 is offline', () => {
  assert.deepEqual(['0-7\n', '1-3,6\n', '12\n'].map(firstCpu), [0, 1, 12]);
});
