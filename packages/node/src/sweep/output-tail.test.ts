import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { lastLines, OutputTail } from './output-tail.js';

test('the hash covers everything, the text is the end', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ min: 0x20, max: 0x7e, maxLength: 40 })),
      fc.integer({ min: 1, max: 60 }),
      (chunks, limit) => {
        const tail = new OutputTail(limit);
        for (const chunk of chunks) tail.add(Buffer.from(chunk));
        const whole = Buffer.concat(chunks);
        const { sha256, text } = tail.finish();
        assert.equal(sha256, createHash('sha256').update(whole).digest('hex'));
        assert.equal(text, whole.length > limit ? `…${whole.subarray(-limit)}` : whole.toString());
      },
    ),
  );
});

test('last lines are the last five that are not empty, without colours', () => {
  assert.deepEqual(lastLines('a\nb\n\nc\nd\n \ne\n\x1b[31mf\x1b[0m\tg\r\n'), ['b', 'c', 'd', 'e', 'f g']);
  assert.deepEqual(lastLines(''), []);
  assert.equal(lastLines('x'.repeat(500))[0]?.length, 200);
});
