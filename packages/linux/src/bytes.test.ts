import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { addressOf, LITTLE_ENDIAN, StructWriter } from './bytes.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** A structure with a pointer to a pointer to bytes that nobody else holds. */
function nested(): { readonly bytes: Uint8Array; readonly temporary: WeakRef<Uint8Array> } {
  const temporary = new Uint8Array(1 << 16).fill(7);
  const inner = new StructWriter(16).pointer(0, temporary).bytes;
  const { bytes } = new StructWriter(16).pointer(8, inner);
  return { bytes, temporary: new WeakRef(temporary) };
}

test('what a structure points to lives as long as its bytes, through several levels', async () => {
  const { bytes, temporary } = nested();
  // What a WeakRef has shown lives to the end of the turn.
  await new Promise(setImmediate);
  collect();
  const target = temporary.deref();
  assert.ok(target?.every((byte) => byte === 7));
  assert.notEqual(new DataView(bytes.buffer).getBigUint64(8, LITTLE_ENDIAN), 0n);
});

test('and no longer', async () => {
  const { temporary } = nested();
  await new Promise(setImmediate);
  collect();
  assert.equal(temporary.deref(), undefined);
});

test('a pointer is the address of the first byte, or NULL', () => {
  const whole = new Uint8Array(8);
  const { bytes } = new StructWriter(16).u64(8, 1).pointer(0, whole.subarray(3)).pointer(8, undefined);
  const view = new DataView(bytes.buffer);
  assert.equal(view.getBigUint64(0, LITTLE_ENDIAN), addressOf(whole) + 3n);
  assert.equal(view.getBigUint64(8, LITTLE_ENDIAN), 0n);
});
