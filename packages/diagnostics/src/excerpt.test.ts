import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { renderProblem } from './excerpt.js';

const source = 'spec:\n  failtype: 3\n';

test('a problem shows its line and a caret under the place', () => {
  const text = renderProblem(
    {
      severity: 'error',
      code: 'ORD-101',
      file: 'a.yaml',
      place: { line: 2, column: 13, length: 1 },
      message: 'failtype: 3 is not a fault type',
      hint: 'use 0, 1 or 2',
    },
    source,
  );
  assert.equal(
    text,
    'a.yaml:2:13  error  failtype: 3 is not a fault type  [ORD-101]\n' +
      '    2 |   failtype: 3\n' +
      '      |             ^  use 0, 1 or 2',
  );
});

test('a place past the end of the text still renders', () => {
  const place = { line: 9, column: 1, length: 4 };
  const text = renderProblem(
    { severity: 'error', code: 'ORD-101', file: 'a.yaml', place, message: 'm' },
    source,
  );
  assert.equal(text, 'a.yaml:9:1  error  m  [ORD-101]');
});

test('on a narrow terminal sentences are wrapped, and a long line is cut around the caret', () => {
  const long = `spec: { mode: all, selector: {}, action: fault, errno: 5, percent: 101, volumePath: /data/app }`;
  const column = long.indexOf('101') + 1;
  const text = renderProblem(
    {
      severity: 'error',
      code: 'ORD-110',
      file: 'a.yaml',
      place: { line: 1, column, length: 3 },
      message: 'percent: 101 is out of range for a share',
      hint: '0 to 100, a whole number',
    },
    long,
    48,
  );
  assert.equal(
    text,
    `a.yaml:1:${column}  error  percent: 101 is out of range\n  for a share  [ORD-110]\n` +
      '    1 | …errno: 5, percent: 101, volumePath: /d…\n' +
      '      |                     ^~~\n' +
      '  0 to 100, a whole number',
  );
});

test('whatever the terminal, the caret stands below what it means, and excerpts fit', () => {
  const part = fc.stringMatching(/^[a-z:{}, ]{0,120}$/);
  fc.assert(
    fc.property(part, part, fc.integer({ min: 20, max: 130 }), (before, after, columns) => {
      const place = { line: 1, column: before.length + 1, length: 1 };
      const problem = { severity: 'error', code: 'ORD-101', file: 'a.yaml', place, message: 'm' } as const;
      const [excerpt = '', mark = ''] = renderProblem(problem, `${before}#${after}`, columns)
        .split('\n')
        .slice(-2);
      assert.equal(excerpt[mark.length - 1], '#');
      assert.ok(excerpt.length <= columns);
    }),
  );
});
