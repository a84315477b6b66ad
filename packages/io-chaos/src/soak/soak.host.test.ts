import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { soakRound, VICTIMS } from './soak-round.js';
import { SoakTarget } from './soak-target.js';

/** `npm run soak` goes on for as long as wanted. */
const ROUNDS = 2;

const directory = mkdtempSync(join(tmpdir(), 'ordeal-soak-'));
let program: string;
before(() => {
  program = SoakTarget.compile(directory);
});
after(() => rmSync(directory, { recursive: true }));

for (const victim of VICTIMS) {
  test(`${victim} killed at a random moment: nothing is lost, doubled or torn`, async (t) => {
    const seed = Number(process.env.TEST_SEED ?? Date.now() % 2 ** 31);
    t.diagnostic(`TEST_SEED=${seed}`);
    for (let round = 0; round < ROUNDS; round++) {
      const { problems, story } = await soakRound(program, victim, seed + round);
      assert.deepEqual(problems, [], story.join('\n'));
    }
  });
}
