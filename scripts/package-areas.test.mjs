import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectionInside } from './package-areas.mjs';

test('arrows between the areas of a package', () => {
  for (const [pkg, file, target] of [
    ['io-chaos', 'keeper/volume-injection.ts', 'mover/move-back.js'],
    ['io-chaos', 'recovery/recovery.ts', 'journal/journal.js'],
    ['io-chaos', 'server/server.ts', 'steps.js'],
    ['io-chaos', 'index.ts', 'owner/io-injection.js'],
    ['io-chaos', 'mover/mover.host.test.ts', 'owner/io-injection.js'],
    ['io-chaos', 'testing/owner.ts', 'owner/io-injection.js'],
    ['fault-fs', 'operations/open.ts', 'nodes/node.js'],
    ['fault-fs', 'volume.ts', 'rules/rule-set.js'],
    ['fault-fs', 'rules/request-path.ts', 'volume.js'],
  ]) {
    assert.equal(objectionInside(pkg, file, target), '', `${pkg}: ${file} → ${target}`);
  }
});

test('what is not drawn is refused', () => {
  for (const [pkg, file, target, from, to] of [
    ['io-chaos', 'server/server.ts', 'keeper/keeper.js', 'server', 'keeper'],
    ['io-chaos', 'journal/journal.ts', 'mover/move-back.js', 'journal', 'mover'],
    ['fault-fs', 'rules/request-path.ts', 'operations/entries.js', 'rules', 'operations'],
  ]) {
    assert.equal(
      objectionInside(pkg, file, target),
      `there is no import allowed from ${pkg}/${from} to ${to}`,
    );
  }
});
