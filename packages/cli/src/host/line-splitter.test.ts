import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LineSplitter } from './line-splitter.js';

test('lines are the same wherever chunks end, inside characters too', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', ''))),
      fc.array(fc.nat(12)),
      (lines, sizes) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        const found: string[] = [];
        const splitter = new LineSplitter((line) => found.push(line));
        let at = 0;
        for (const size of [...sizes, bytes.length]) {
          splitter.add(bytes.subarray(at, at + size));
          at += size;
        }
        assert.deepEqual(found, lines);
      },
    ),
  );
});

test('what follows the last newline is no line', () => {
  const found: string[] = [];
  new LineSplitter((line) => found.push(line)).add(Buffer.from('a\nb'));
  assert.deepEqual(found, ['a']);
});
