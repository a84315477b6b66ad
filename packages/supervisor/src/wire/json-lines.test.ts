import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JsonLines, LONGEST_LINE } from './json-lines.js';

test('values come whole and in order, however the stream is cut', () => {
  const chunks = fc.tuple(fc.array(fc.jsonValue()), fc.array(fc.nat({ max: 50 }), { minLength: 1 }));
  fc.assert(
    fc.property(chunks, ([values, sizes]) => {
      let text = values.map((value) => `${JSON.stringify(value)}\n`).join('');
      const lines = new JsonLines();
      const heard: unknown[] = [];
      for (let turn = 0; text !== ''; turn++) {
        const size = 1 + (sizes[turn % sizes.length] ?? 0);
        heard.push(...lines.push(text.slice(0, size)));
        text = text.slice(size);
      }
      assert.deepEqual(heard, JSON.parse(JSON.stringify(values)));
    }),
  );
});

test('what is no JSON, and what never ends, is an error', () => {
  assert.throws(() => new JsonLines().push('{"a":\n'), SyntaxError);
  assert.throws(() => new JsonLines().push('x'.repeat(LONGEST_LINE + 1)), RangeError);
});
