import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeWaitStatus, encodeFrame, encodeRun, FrameReader, type FrameType } from './wire.js';

const types: FrameType[] = ['R', 'T', 'I', 'E', 'S', 'H', 'O', 'D', 'A', 'X'];
const frames = fc.array(
  fc.record({
    type: fc.constantFrom(...types),
    id: fc.integer({ min: 0, max: 0xffffffff }),
    payload: fc.uint8Array({ maxLength: 300 }),
  }),
  { maxLength: 12 },
);

test('a frame is its letter, id and length in big endian, and the payload', () => {
  const bytes = [0x4f, 0x01, 0x02, 0x03, 0x04, 0, 0, 0, 2, 0x68, 0x69];
  assert.deepEqual([...encodeFrame('O', 0x01020304, 'hi')], bytes);
});

test('frames come back whole from chunks of any size', () => {
  fc.assert(
    fc.property(frames, fc.integer({ min: 1, max: 64 }), (sent, size) => {
      const stream = Buffer.concat(sent.map(({ type, id, payload }) => encodeFrame(type, id, payload)));
      const reader = new FrameReader();
      const got = [];
      for (let at = 0; at < stream.length; at += size)
        got.push(...reader.push(stream.subarray(at, at + size)));
      assert.deepEqual(
        got.map(({ type, id, payload }) => ({ type, id, payload: [...payload] })),
        sent.map(({ type, id, payload }) => ({ type, id, payload: [...payload] })),
      );
    }),
  );
});

test('an invalid length is refused before anything is buffered', () => {
  const header = Buffer.from([0x4f, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff]);
  assert.throws(() => new FrameReader().push(header), RangeError);
});

test('a run request consists of zero-terminated words', () => {
  const payload = encodeRun({
    argv: ['echo', 'a b', ''],
    cwd: '/tmp',
    env: { A: 'x=y' },
    rows: 24,
    columns: 80,
  });
  assert.equal(payload.toString(), '24\0' + '80\0/tmp\0' + '3\0echo\0a b\0\0A=x=y\0');
});

test('a zero byte in an argument and an empty command are refused', () => {
  const rest = { cwd: '/', env: {}, rows: 0, columns: 0 };
  assert.throws(() => encodeRun({ argv: ['a\0b'], ...rest }), /zero byte/);
  assert.throws(() => encodeRun({ argv: [], ...rest }), TypeError);
});

test('wait statuses distinguish exit codes and signals', () => {
  assert.deepEqual(decodeWaitStatus('0'), { exitCode: 0 });
  assert.deepEqual(decodeWaitStatus(String(143 << 8)), { exitCode: 143 });
  assert.deepEqual(decodeWaitStatus('15'), { signal: 'SIGTERM' });
  assert.deepEqual(decodeWaitStatus(String(11 | 0x80)), { signal: 'SIGSEGV' });
});
