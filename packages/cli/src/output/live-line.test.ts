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

test('each thing has a line of its own until it is over', () => {
  const output = recordedOutput(true);
  const line = new LiveLine(output.err, false);
  line.update('a 1', 'a');
  line.update('b 1', 'b');
  line.update('a 2', 'a');
  line.print('lasting\n');
  line.update('b 2', 'b');
  line.end('a');
  line.end('b');
  const up = '\r\x1b[K\x1b[1A\x1b[K';
  assert.equal(
    output.stderr(),
    `\r\x1b[Ka 1\r\x1b[Ka 1\nb 1${up}a 2\nb 1${up}lasting\n\r\x1b[Ka 2\nb 2${up}b 2\r\x1b[K`,
  );
  const elsewhere = recordedOutput(false);
  let now = 0;
  const printed = new LiveLine(elsewhere.err, false, () => now);
  for (; now <= 11_000; now += 1000) for (const name of ['a', 'b']) printed.update(`${name} ${now}`, name);
  assert.equal(elsewhere.stderr(), 'a 2000\nb 2000\na 10000\nb 10000\n');
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
