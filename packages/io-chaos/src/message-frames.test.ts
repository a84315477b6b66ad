import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FrameReader, frameOf } from './message-frames.js';

const record = fc.record({
  kind: fc.string(),
  delay: fc.bigInt({ min: 0n, max: 1n << 63n }),
  pattern: fc.option(fc.string(), { nil: undefined }),
  counts: fc.array(fc.nat()),
});
/** With the prototype that every other object has. */
const message = record.map((fields) => ({ ...fields }));

test('messages arrive whole and in order, however the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(message), fc.infiniteStream(fc.integer({ min: 1, max: 40 })), (sent, sizes) => {
      const bytes = Buffer.concat(sent.map(frameOf));
      const reader = new FrameReader();
      const received: unknown[] = [];
      for (let at = 0; at < bytes.length; ) {
        const size = sizes.next().value ?? 1;
        received.push(...reader.read(bytes.subarray(at, at + size)));
        at += size;
      }
      assert.deepEqual(received, sent);
    }),
  );
});

test('bytes that are no messages are refused, or wait for more', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        assert.ok(Array.isArray(new FrameReader().read(bytes)));
      } catch (error) {
        assert.ok(error instanceof Error);
      }
    }),
  );
  assert.throws(() => new FrameReader().read(new Uint8Array(8).fill(0xff)), RangeError);
});
