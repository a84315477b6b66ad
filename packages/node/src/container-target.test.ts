import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namesContainer } from './container-target.js';

const ID = '3f2a'.padEnd(64, '0');

test('a cgroup is named after its container, in the ways of all runtimes', () => {
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
