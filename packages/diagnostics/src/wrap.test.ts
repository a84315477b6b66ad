import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { wrapText } from './wrap.js';

test('a sentence, a row with a label, and a word that is wider than the terminal', () => {
  assert.equal(
    wrapText('ordeal: There is no process 4211  [ORD-301]\n', 30),
    'ordeal: There is no process\n  4211  [ORD-301]\n',
  );
  assert.equal(
    wrapText('  for      all processes of the mount namespace', 34),
    '  for      all processes of the\n           mount namespace',
  );
  const path = '/srv/data/base/16384/2619';
  assert.equal(wrapText(`  under    ${path}`, 24), `  under    ${path}`);
  assert.equal(wrapText(`not moved back: ${path}`, 20), `not moved back:\n  ${path}`);
});

const word = fc.oneof(
  fc.stringMatching(/^[!-~]{1,12}$/),
  fc.stringMatching(/^[!-~]{1,12}$/).map((text) => `\x1b[31m${text}\x1b[0m`),
);
const line = fc
  .tuple(fc.nat(4), fc.array(fc.tuple(word, fc.integer({ min: 1, max: 4 })), { maxLength: 30 }))
  .map(([indent, words]) =>
    (' '.repeat(indent) + words.map(([text, gap]) => text + ' '.repeat(gap)).join('')).trimEnd(),
  );
const bare = (text: string) => text.replace(/\x1b\[\d*m/g, '');

test('wrapping keeps all words, cuts none, and makes lines fit that can', () => {
  fc.assert(
    fc.property(line, fc.integer({ min: 8, max: 100 }), (text, columns) => {
      const wrapped = wrapText(text, columns);
      assert.deepEqual(wrapped.split(/\s+/), text.split(/\s+/));
      assert.equal(bare(wrapped), wrapText(bare(text), columns), 'colours take no room');
      if (bare(text).length <= columns) assert.equal(wrapped, text);
      for (const each of bare(wrapped).split('\n')) {
        const fits = each.length <= columns;
        assert.ok(fits || each.lastIndexOf(' ') < columns / 2, `a new line could hold more of: ${each}`);
      }
    }),
  );
});

test('without a terminal nothing is wrapped', () => {
  fc.assert(fc.property(line, (text) => assert.equal(wrapText(text, Number.POSITIVE_INFINITY), text)));
});
