import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectionInside } from './package-areas.mjs';

const inside = (file, target) => objectionInside('io-chaos', file, target);

test('arrows between the areas of a package', () => {
  for (const [file, target] of [
    ['inject/keeper.ts', 'move/move.js'],
    ['inject/server.ts', 'fs/rules/method.js'],
    ['fs/operations/open.ts', 'fs/nodes/node.js'],
    ['move/served-locks.ts', 'lock-mark.js'],
    ['index.ts', 'fs/index.js'],
    ['fs/volume.ts', 'fs/rules/rule-set.js'],
    ['fs/rules/request-path.ts', 'fs/volume.js'],
    ['move/fuse.host.test.ts', 'fs/testing/served-volume.js'],
    ['move/testing.ts', 'fs/volume.js'],
  ]) {
    assert.equal(inside(file, target), '', `${file} → ${target}`);
  }
});

test('what is not drawn is refused', () => {
  const refused = (from, to) => `there is no import allowed from io-chaos/${from} to ${to}`;
  assert.equal(inside('move/served-locks.ts', 'fs/locks/mark-lock.js'), refused('move', 'fs/locks'));
  assert.equal(
    inside('fs/rules/request-path.ts', 'fs/operations/entries.js'),
    refused('fs/rules', 'fs/operations'),
  );
  assert.equal(inside('fs/volume.ts', 'inject/keeper.js'), refused('fs', 'inject'));
  assert.equal(inside('mount/visit.ts', 'move/move.js'), refused('mount', 'move'));
});
