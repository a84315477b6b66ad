import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesContainer } from './container-target.js';

const ID = '3f2a'.padEnd(64, '0');

test('the cgroup of a container is recognised in the naming schemes of all runtimes', () => {
  for (const name of [
    ID,
    `docker-${ID}.scope`,
    `cri-containerd-${ID}.scope`,
    `crio-${ID}.scope`,
    `libpod-${ID}.scope`,
  ]) {
    assert.ok(namesContainer(name, ID), name);
    assert.ok(namesContainer(name, '3f2a'), name);
    assert.ok(!namesContainer(name, '3f2'), name);
    assert.ok(!namesContainer(name, 'f2a0'), name);
  }
  assert.ok(namesContainer('web', 'web'));
  assert.ok(!namesContainer('web-server', 'web-'));
});
