import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseRecord } from './read-record.js';
import { RECORD_FORMAT, type RecordHeader } from './record-header.js';

const header: RecordHeader = {
  type: 'record',
  format: RECORD_FORMAT,
  at: '2026-11-20T12:00:00.000Z',
  ordeal: '0.1.0',
  kernel: '6.1.0',
  node: '20.18.0',
  documents: [{ file: 'io.yaml', text: 'kind: IOChaos\n' }],
  command: ['sh', '-c', 'exit 1'],
  flags: {},
};
const armed = { type: 'armed', experiment: 'eio', seed: 7 };
const ended = { type: 'run-ended', exitCode: 1 };

const fault = (match: number, path = 'file') => ({
  type: 'io-fault',
  ...{ experiment: 'eio', match, method: 'write', path, offsetBytes: 0, sizeBytes: 5 },
});

function lines(...values: readonly unknown[]): string {
  return values.map((each) => `${typeof each === 'string' ? each : JSON.stringify(each)}\n`).join('');
}

const places = (text: string) =>
  parseRecord(text, 'run.jsonl').problems.map(({ severity, code, place }) => [
    severity,
    code,
    place.line,
    place.column,
  ]);

test('a whole record', () => {
  const kernel = { type: 'fault', experiment: 'slab', process: 61 };
  const { recording, problems } = parseRecord(lines(header, armed, fault(3), kernel, fault(9), ended), 'r');
  assert.deepEqual(problems, []);
  assert.deepEqual(recording?.header, header);
  assert.deepEqual([...(recording?.replay ?? [])], [['eio', { seed: 7, matches: [3, 9] }]]);
  assert.deepEqual([recording?.kernelFaults, recording?.exitCode, recording?.missesFaults], [1, 1, false]);
});

test('where faults are missing, the seed decides', () => {
  const text = lines(header, armed, fault(3), { type: 'io-faults-dropped', experiments: ['eio'] }, ended);
  const { recording } = parseRecord(text, 'r');
  assert.deepEqual(recording?.replay.get('eio'), { seed: 7, matches: undefined });
});

test('a record that was cut off anywhere is read up to there, and said to be', () => {
  const matches = fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { maxLength: 8 });
  fc.assert(
    fc.property(matches, fc.string({ unit: 'grapheme' }), fc.nat(), (numbers, path, at) => {
      const head = lines(header, armed);
      const body = lines(...numbers.map((match) => fault(match, path)), ended);
      const kept = body.slice(0, at % body.length);
      // A last line that lacks nothing but its newline counts.
      const whole = Math.min(numbers.length, kept.split('\n').filter((line) => line.endsWith('}')).length);
      const { recording, problems } = parseRecord(head + kept, 'r');
      assert.deepEqual(recording?.replay.get('eio')?.matches, numbers.slice(0, whole));
      const cutOff = recording?.exitCode === undefined;
      assert.deepEqual(
        problems.map(({ code, severity }) => [code, severity]),
        cutOff ? [['ORD-906', 'warning']] : [],
      );
    }),
  );
});

test('a record never makes the reader throw, and each problem has a place in it', () => {
  const value = fc.oneof(
    fc.json(),
    fc.string(),
    fc.constantFrom(...lines(header, armed, fault(1), ended).split('\n')),
  );
  fc.assert(
    fc.property(fc.array(value, { maxLength: 6 }), fc.boolean(), (values, withHeader) => {
      const text = (withHeader ? lines(header) : '') + lines(...values);
      const { recording, problems } = parseRecord(text, 'r');
      assert.equal(
        recording === undefined,
        problems.some(({ severity }) => severity === 'error'),
      );
      for (const { place } of problems) {
        const line = text.split('\n')[place.line - 1];
        assert.ok(line !== undefined && place.column >= 1 && place.column <= line.length + 1);
      }
    }),
  );
});

test('what is wrong in a broken record, each with its line and column', () => {
  assert.deepEqual(places(''), [['error', 'ORD-904', 1, 1]]);
  assert.deepEqual(places('kind: IOChaos\n'), [['error', 'ORD-904', 1, 1]]);
  assert.deepEqual(places(lines(armed)), [['error', 'ORD-905', 1, 9]]);
  assert.deepEqual(places(lines({ ...header, format: 2 })), [['error', 'ORD-905', 1, 27]]);
  assert.deepEqual(places(lines(header, '{"type": nul}', 'x', ended)), [
    ['error', 'ORD-904', 2, 10],
    ['error', 'ORD-904', 3, 1],
  ]);
  const [problem] = parseRecord(lines(header, armed, { ...fault(1), match: 0 }, ended), 'r').problems;
  assert.equal(problem?.message, 'match: expected a whole number from 1 on, found 0');
  assert.deepEqual([problem?.place.line, problem?.place.length], [3, 1]);
  assert.deepEqual(places(lines(header, fault(1), ended)), [['error', 'ORD-905', 2, 33]]);
});
