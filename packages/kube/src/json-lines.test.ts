import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { jsonLines } from './json-lines.js';

async function* cut(bytes: Buffer, sizes: readonly number[]) {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}

test('lines are complete, however the stream is split', async () => {
  const lines = fc.array(fc.jsonValue());
  const cuts = fc.array(fc.nat(20));
  await fc.assert(
    fc.asyncProperty(lines, cuts, fc.boolean(), async (values, sizes, ended) => {
      const text = values.map((value) => JSON.stringify(value)).join('\n') + (ended ? '\n' : '');
      const read: unknown[] = [];
      for await (const value of jsonLines(cut(Buffer.from(text), sizes))) read.push(value);
      assert.deepEqual(read, JSON.parse(JSON.stringify(values)));
    }),
  );
});
