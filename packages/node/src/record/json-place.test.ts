import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fieldSpan, jsonErrorAt } from './json-place.js';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test('what is JSON is what JSON.parse takes, whatever was removed or added', () => {
  const edits = fc.record({
    at: fc.nat(),
    remove: fc.nat(2),
    add: fc.constantFrom('', '"', '{', ',', '0', 'é', '\\'),
  });
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), fc.array(edits, { maxLength: 2 }), (json, changes) => {
      let text = json;
      for (const { at, remove, add } of changes) {
        const begin = at % (text.length + 1);
        text = text.slice(0, begin) + add + text.slice(begin + remove);
      }
      assert.equal(jsonErrorAt(text) === undefined, isJson(text), text);
    }),
    { numRuns: 2000 },
  );
});

test('where a text stops being JSON', () => {
  for (const [text, at] of [
    ['', 0],
    ['{"a": 1,}', 8],
    ['{"a": nul}', 6],
    ['{"a" 1}', 5],
    ['[1 2]', 3],
    ['{} x', 3],
    ['01', 1],
  ] as const)
    assert.equal(jsonErrorAt(text), at, text);
  assert.equal(jsonErrorAt('[{"a": [1.5e3, null, "\\u00e9"]}]'), undefined);
});

test('the place of a field is that of its value, in the outermost object', () => {
  const text = '{"other": {"n": 1}, "n" :  [2, 3] }';
  const span = fieldSpan(text, 'n');
  assert.equal(span && text.slice(span.offset, span.offset + span.length), '[2, 3]');
  assert.equal(fieldSpan(text, 'm'), undefined);
});
