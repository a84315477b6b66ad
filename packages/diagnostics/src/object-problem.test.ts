import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderObjectProblem } from './object-problem.js';
import type { Problem } from './problem.js';

const problem: Problem = {
  severity: 'error',
  code: 'ORD-120',
  file: 'x',
  place: { line: 2, column: 15, length: 3 },
  message: "funcname: '/x' is not the name of a function",
  hint: 'only the name',
};

test('a known field is named by its path', () => {
  assert.equal(
    renderObjectProblem({ ...problem, path: 'spec.callchain[1].funcname' }, ''),
    "spec.callchain[1].funcname: '/x' is not the name of a function (only the name) [ORD-120]",
  );
  const message = 'callchain[0] has no funcname';
  assert.equal(
    renderObjectProblem({ ...problem, message, path: 'spec.callchain[0]' }, ''),
    'spec.callchain[0] has no funcname (only the name) [ORD-120]',
  );
  assert.equal(
    renderObjectProblem({ ...problem, message: 'must differ', path: 'spec.a' }, ''),
    'spec.a: must differ (only the name) [ORD-120]',
  );
});

test('otherwise a caret shows the place', () => {
  assert.equal(
    renderObjectProblem(problem, '{\n  "funcname": "/x"\n}'),
    `funcname: '/x' is not the name of a function [ORD-120]
    2 |   "funcname": "/x"
      |               ^~~  only the name`,
  );
});
