import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isScalar, type Scalar, stringify } from 'yaml';
import { readTrees } from './read-tree.js';
import { SourceFile } from './source-file.js';
import { type SourceText, sourceTextOf } from './source-text.js';

/** The text of `key` in a YAML map. */
function textIn(yaml: string): { readonly text: SourceText; readonly lines: readonly string[] } {
  const source = new SourceFile('a.yaml', yaml);
  const trees = readTrees(source);
  assert.ok('length' in trees, yaml);
  const node = trees[0]?.get('key', true);
  assert.ok(isScalar(node) && typeof node.value === 'string', yaml);
  return { text: sourceTextOf(node as Scalar<string>, source), lines: yaml.split('\n') };
}

/** The text of the file where `part` of the decoded text was written. */
function written(yaml: string, part: string): string {
  const { text, lines } = textIn(yaml);
  const offset = text.text.indexOf(part);
  assert.notEqual(offset, -1, text.text);
  const { line, column, length } = text.placeAt(offset, part.length);
  return `${line}:${column} ${lines[line - 1]?.slice(column - 1, column - 1 + length)}`;
}

test('plain and quoted scalars on one line', () => {
  assert.equal(written('key: a->b == 1', 'b'), '1:9 b');
  assert.equal(written("key: 'a''b c'", "'b"), "1:8 ''b");
  assert.equal(written("key: 'a''b c'", 'c'), '1:12 c');
  assert.equal(written('key: "STRNCMP(n, \\"bananas\\", 8)"', '"bananas"'), '1:18 \\"bananas\\"');
  assert.equal(written('key: "STRNCMP(n, \\"bananas\\", 8)"', '8'), '1:31 8');
  assert.equal(written('key: "\\x61\\u0062\\U0001F600c"', '😀'), '1:17 \\U0001F600');
  assert.equal(written('key: "\\x61\\u0062\\U0001F600c"', 'c'), '1:27 c');
  assert.equal(written('key: "a\\\\b"', 'b'), '1:10 b');
});

test('folded lines', () => {
  assert.equal(written('key: a &&\n  b', 'b'), '2:3 b');
  assert.equal(written('key: "a &&\n  b\\\n    c"', 'c'), '3:5 c');
  assert.equal(written("key: 'a\n\n  b'", 'b'), '3:3 b');
  assert.equal(written('key: "a\n\n  b"', 'a'), '1:7 a');
});

test('block scalars', () => {
  const block = '\n  name->len > 3 &&\n    name->hash\n\n  == 7\n';
  for (const style of ['|', '>', '|-', '>+', '|2']) {
    assert.equal(written(`key: ${style}${block}`, 'len'), '2:9 len');
    assert.equal(written(`key: ${style}${block}`, 'hash'), '3:11 hash');
    assert.equal(written(`key: ${style}${block}`, '7'), '5:6 7');
  }
  assert.equal(written('key: | # why\r\n  a\r\n  b\r\n', 'b'), '3:3 b');
});

test('places stay inside the text', () => {
  const { text } = textIn('key: "ab"');
  assert.deepEqual(text.placeAt(2, 1), { line: 1, column: 9, length: 1 });
  assert.deepEqual(text.placeAt(99, 5), { line: 1, column: 9, length: 1 });
  assert.deepEqual(text.placeAt(-4, 1), { line: 1, column: 7, length: 1 });
  assert.deepEqual(textIn('key: ""').text.placeAt(0, 1), { line: 1, column: 7, length: 1 });
});

test('every character has its position, in any style', () => {
  const unit = fc.constantFrom(...'ab01(&"\'\\:#-> \n\té😀', '->', ' && ', '\\n');
  const value = fc.array(unit, { minLength: 1, maxLength: 40 }).map((units) => units.join(''));
  const style = fc.constantFrom(
    'PLAIN',
    'QUOTE_SINGLE',
    'QUOTE_DOUBLE',
    'BLOCK_LITERAL',
    'BLOCK_FOLDED' as const,
  );
  const width = fc.constantFrom(0, 8, 20);
  fc.assert(
    fc.property(value, style, width, (wanted, defaultStringType, lineWidth) => {
      const yaml = stringify({ key: wanted }, {
        defaultStringType,
        lineWidth,
        defaultKeyType: 'PLAIN',
      } as object);
      // The writer's folding does not always read back unchanged, so the comparison uses the text that was read.
      const { text, lines } = textIn(yaml);
      for (let i = 0; i < text.text.length; i++) {
        if (/\s/.test(text.text.charAt(i))) continue;
        const { line, column } = text.placeAt(i, 1);
        const found = lines[line - 1]?.charAt(column - 1);
        assert.ok(
          found === text.text.charAt(i) || found === '\\',
          `${yaml}\n${i}: ${line}:${column} is ${found}`,
        );
      }
    }),
    { numRuns: 1000 },
  );
});
