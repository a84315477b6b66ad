import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordedOutput } from '../testing/recorded-output.js';
import { LiveLine } from './live-line.js';

test('on a terminal the line is rewritten in place and gives way to lasting text', () => {
  const output = recordedOutput(true);
  const line = new LiveLine(output.err, false);
  line.update('one');
  line.update('two');
  line.print('lasting\n');
  line.clear();
  assert.equal(output.stderr(), '\r\x1b[Kone\r\x1b[Ktwo\r\x1b[Klasting\n');
});

test('a line that does not fit is cut at the end', () => {
  const output = recordedOutput(true);
  new LiveLine(output.err, false).update('x'.repeat(200));
  assert.equal(output.stderr(), `\r\x1b[K${'x'.repeat(78)}…`);
});

test('elsewhere it is printed after 2 s, 10 s, and every 10 s', () => {
  for (const [live, shared] of [
    [false, false],
    [true, true],
  ] as const) {
    const output = recordedOutput(live);
    let now = 0;
    const line = new LiveLine(output.err, shared, () => now);
    for (; now <= 31_000; now += 1000) line.update(`at ${now / 1000}`);
    assert.equal(output.stderr(), 'at 2\nat 10\nat 20\nat 30\n');
  }
});
