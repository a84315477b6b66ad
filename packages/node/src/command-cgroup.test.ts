import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandCgroup } from './command-cgroup.js';

test('a cgroup that cannot be created is reported with its path', () => {
  assert.throws(() => CommandCgroup.create('/dev/null'), { code: 'ORD-503', message: /\/dev\/null\/ordeal/ });
});
