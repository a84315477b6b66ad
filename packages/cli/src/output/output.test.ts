import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outputFor } from './output.js';
import { inColour, plain } from './paint.js';

const stream = (isTTY: boolean) => ({ write: () => true, isTTY, columns: 120 });
const streams = (isTTY: boolean) => ({ stdout: stream(isTTY), stderr: stream(isTTY) });

test('colour and rewriting are for terminals', () => {
  const { out } = outputFor(streams(true), {});
  assert.deepEqual([out.live, out.columns, out.paint], [true, 120, inColour]);
  assert.equal(out.wrapAt, 120);
  const piped = outputFor(streams(false), {}).out;
  assert.equal(piped.wrapAt, Number.POSITIVE_INFINITY);
  assert.deepEqual([piped.live, piped.paint], [false, plain]);
});

test('NO_COLOR takes the colour only, a dumb terminal rewriting, too', () => {
  const { out } = outputFor(streams(true), { NO_COLOR: '1' });
  assert.deepEqual([out.live, out.paint], [true, plain]);
  assert.equal(outputFor(streams(true), { NO_COLOR: '' }).out.paint, inColour);
  assert.equal(outputFor(streams(true), { TERM: 'dumb' }).out.live, false);
});

test('ORDEAL_TERMINAL makes the standard error a terminal of that width', () => {
  const pipes = { stdout: { write: () => true }, stderr: { write: () => true } };
  const { out, err } = outputFor(pipes, { ORDEAL_TERMINAL: '132' });
  assert.deepEqual([out.live, err.live, err.columns], [false, true, 132]);
});

test('a terminal that does not know its width is taken as one of usual width', () => {
  const unknown = { ...stream(true), columns: 0 };
  assert.equal(outputFor({ stdout: unknown, stderr: unknown }, {}).out.columns, 100);
});
