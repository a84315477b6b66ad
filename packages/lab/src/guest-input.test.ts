import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GuestInput } from './guest-input.js';

test('input stops at the window until it is taken, then ends', async () => {
  let sent = 0;
  const types: string[] = [];
  const input = new GuestInput((type, bytes) => {
    types.push(type);
    sent += bytes.length;
  });
  const pumped = input.pump(Buffer.alloc(600 * 1024));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(sent, 256 * 1024);
  while (sent < 600 * 1024) {
    input.taken(64 * 1024);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await pumped;
  assert.equal(types.at(-1), 'E');
  assert.equal(types.filter((type) => type === 'E').length, 1);
});

test('a source that never ends is abandoned when the command has ended', { timeout: 5000 }, async () => {
  const input = new GuestInput(() => {});
  const silent: AsyncIterable<string> = {
    [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }),
  };
  const pumped = input.pump(silent);
  input.stop();
  await pumped;
});

test('no input is an empty one', async () => {
  const types: string[] = [];
  await new GuestInput((type) => types.push(type)).pump(undefined);
  assert.deepEqual(types, ['E']);
});
