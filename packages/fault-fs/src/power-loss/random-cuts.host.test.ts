import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { test } from 'node:test';
import { numbers } from '../conformance/random-operations.js';
import { judge, readCrashState } from '../testing/crash-model/crash-state.js';
import { prepareTree, RandomChanges } from '../testing/crash-model/random-changes.js';
import { withRules } from '../testing/with-rules.js';

/** All together. A thorough run: `ORDEAL_CUTS=2000 npm test -- host random-cuts`. */
const CUTS = Number(process.env.ORDEAL_CUTS ?? 80);
const CHANGES = 40;
const CHOICES = [
  ['ordered', 'random'],
  ['strict', 'random'],
  ['ordered', 'all'],
  ['strict', 'none'],
] as const;

for (const [metadata, lose] of CHOICES) {
  test(`what was synced is there, the rest is old, new or torn: ${metadata}, lose ${lose}`, async () => {
    process.umask(0);
    await withRules([{ action: 'powerLoss', powerLoss: { lose, metadata } }], async (volume, path) => {
      for (let seed = 1; seed <= Math.ceil(CUTS / CHOICES.length); seed++) {
        const name = `stream-${seed}`;
        prepareTree(`${volume.original}/${name}`);
        const random = numbers(seed);
        const changes = new RandomChanges(`${path}/${name}`, random);
        for (let count = random(CHANGES); count >= 0; count--) changes.make();
        const { cut } = await volume.command(`cut ${seed}`);
        const how = `stream ${seed}:\n${changes.done.join('\n')}\n${JSON.stringify(cut)}`;
        assert.deepEqual(cut?.failed, [], how);
        const found = readCrashState(`${path}/${name}`);
        assert.deepEqual(found, readCrashState(`${volume.original}/${name}`), how);
        assert.deepEqual(
          judge(found, changes, metadata === 'ordered'),
          { verdict: 'possible', wrong: [] },
          how,
        );
        for (const [file, bytes] of lose === 'random' ? [] : found.contents) {
          const history = changes.files.get(found.names.get(file) ?? 0);
          const left = lose === 'all' ? history?.durable : history?.now;
          assert.ok(left && bytes.equals(left), `${file} of ${how}`);
        }
        fs.rmSync(`${volume.original}/${name}`, { recursive: true });
      }
    });
  });
}
