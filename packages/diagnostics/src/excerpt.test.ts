import assert from 'node:assert/strict';
import { test } from 'node:test';
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
