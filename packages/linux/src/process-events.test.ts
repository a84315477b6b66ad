import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StructWriter } from './bytes.js';
import { decodeProcessEvent } from './process-events.js';

/** A message of the process connector with the words of its event. */
function message(what: number, ...words: readonly number[]): Uint8Array {
  const writer = new StructWriter(76).u32(36, what);
  words.forEach((word, index) => {
    writer.u32(52 + 4 * index, word);
  });
  return writer.bytes;
}

test('forks, execs and ends of processes are told from those of threads', () => {
  assert.deepEqual(decodeProcessEvent(message(1, 7, 6, 9, 9)), { kind: 'fork', pid: 9, parent: 6 });
  assert.equal(decodeProcessEvent(message(1, 7, 6, 9, 6)), undefined);
  assert.deepEqual(decodeProcessEvent(message(2, 9, 9)), { kind: 'exec', pid: 9 });
  assert.deepEqual(decodeProcessEvent(message(0x80000000, 9, 9, 0x300, 17)), {
    kind: 'exit',
    pid: 9,
    status: 0x300,
  });
  assert.equal(decodeProcessEvent(message(0x80000000, 9, 6, 0x300, 17)), undefined);
});

test('acknowledgements, other events and cut messages are nothing', () => {
  assert.equal(decodeProcessEvent(message(0)), undefined);
  assert.equal(decodeProcessEvent(message(0x200, 1, 1)), undefined);
  assert.equal(decodeProcessEvent(new Uint8Array(20)), undefined);
});
