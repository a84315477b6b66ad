import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrdealError } from '@ordeal/diagnostics';
import { plain } from '../output/paint.js';
import { errorAsData, exitCodeOf, renderError } from './error.js';

const piped = { paint: plain, wrapAt: Number.POSITIVE_INFINITY };
const error = new OrdealError('ORD-301', 'There is no process 4211', { detail: ['more about it'] });

test('a failure is one sentence, more about it, one next step and a code', () => {
  const text = 'ordeal: There is no process 4211  [ORD-301]\n  more about it\n  Check the pid with ps.\n';
  assert.equal(renderError(error, piped, false), text);
  assert.deepEqual(errorAsData(error), {
    type: 'error',
    code: 'ORD-301',
    message: 'There is no process 4211',
    next: 'Check the pid with ps.',
    detail: ['more about it'],
  });
});

test('a hint replaces the way out of the code', () => {
  const hinted = new OrdealError('ORD-301', 'There is no process 1', { hint: 'Look again.' });
  assert.match(renderError(hinted, piped, false), /\n {2}Look again\.\n$/);
});

test('anything else is a defect, without a stack unless asked for', () => {
  const text = renderError(new TypeError('x is not a function'), piped, false);
  assert.match(
    text,
    /^ordeal: a defect in Ordeal: x is not a function {2}\[ORD-999\]\n {2}Please report it.*\n$/,
  );
  assert.match(renderError(new TypeError('x'), piped, true), /\n {4}at /);
  assert.equal(errorAsData('thrown text').message, 'thrown text');
});

test('mistakes of the command line and interruptions have exit codes of their own', () => {
  assert.equal(exitCodeOf(new OrdealError('ORD-309', 'm')), 2);
  assert.equal(exitCodeOf(new OrdealError('ORD-612', 'm')), 130);
  assert.equal(exitCodeOf(error), 1);
  assert.equal(exitCodeOf(new TypeError('x')), 1);
});

test('on a narrow terminal an error is wrapped at words, its table of flags below their meaning', () => {
  const detail = ['--pid N       a running process and its children'];
  const long = new OrdealError('ORD-309', 'There is no target: flags choose it', {
    detail,
    hint: 'Give one.',
  });
  assert.equal(
    renderError(long, { paint: plain, wrapAt: 40 }, false),
    `ordeal: There is no target: flags choose
  it  [ORD-309]
  --pid N       a running process and
                its children
  Give one.
`,
  );
});
