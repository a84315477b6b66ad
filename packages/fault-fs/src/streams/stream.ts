// One stream of random operations on two trees in step, until its time is over: each operation must show the same on
// both, and after each batch the trees must be the same. A batch that fails is made smaller as far as possible.
// Arguments: number of the stream, seed, seconds, the bare directory, the mounted one, the original below the mount.
import assert from 'node:assert/strict';
import { rmSync, writeSync } from 'node:fs';
import fc from 'fast-check';
import { tree } from '../conformance/random-operations.js';
import { type Operation, operation } from './operation.js';
import { SharedFiles } from './shared-files.js';
import { Side } from './side.js';

/** How long a failing batch is made smaller. */
const SHRINK_MS = 20_000;

const [stream = 0, seed = 0, seconds = 0] = process.argv.slice(2, 5).map(Number);
const [bare = '', mounted = '', original = ''] = process.argv.slice(5);
process.umask(0o022);

const shared = [bare, mounted].map((directory) => new SharedFiles(directory, stream));
let batches = 0;
let operations = 0;

function run(batch: readonly Operation[]): void {
  const name = `stream-${stream}-${batches++}`;
  const directories = [bare, mounted].map((directory) => `${directory}/${name}`);
  const sides = directories.map((directory, index) => new Side(directory, shared[index] as SharedFiles));
  try {
    for (const [step, each] of batch.entries()) {
      const [wanted, seen] = sides.map((side) => side.perform(each));
      assert.deepEqual(seen, wanted, `step ${step} of ${name}: ${JSON.stringify(each)}`);
      operations++;
    }
    for (const side of sides) side.close();
    const wanted = tree(`${bare}/${name}`);
    assert.equal(tree(`${mounted}/${name}`), wanted, `the tree ${name}`);
    assert.equal(tree(`${original}/${name}`), wanted, `the tree ${name} below the mount`);
  } finally {
    for (const side of sides) side.close();
    for (const directory of directories) rmSync(directory, { recursive: true, force: true });
  }
}

const batch = fc.array(operation, { minLength: 1, maxLength: 400, size: 'max' });
const end = performance.now() + seconds * 1000;
for (let round = 0; performance.now() < end; round++) {
  const options = { seed: seed + round, numRuns: 4, interruptAfterTimeLimit: SHRINK_MS };
  fc.assert(fc.property(batch, run), options);
}
const [{ counted, lines } = { counted: 0, lines: 0 }] = shared;
for (const files of shared) files.close();
writeSync(1, JSON.stringify({ batches, operations, counted, lines }));
