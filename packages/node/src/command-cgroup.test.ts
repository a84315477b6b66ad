import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandCgroup } from './command-cgroup.js';

test('where no cgroup can be made, that is said with the path', () => {
  assert.throws(() => CommandCgroup.create('/dev/null'), { code: 'ORD-503', message: /\/dev\/null\/ordeal/ });
});
