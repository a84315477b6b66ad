import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatJournal, type Journal, parseJournal } from './journal.js';

const natural = fc.maxSafeNat();
const processName = fc.record({ pid: fc.integer({ min: 1, max: 2 ** 22 }), started: fc.string() });
const journals: fc.Arbitrary<Journal> = fc.record({
  id: fc.stringMatching(/^[\w-]+$/),
  boot: fc.uuid(),
  keeper: processName,
  server: fc.option(processName, { nil: undefined }),
  descriptorKeeper: fc.option(processName, { nil: undefined }),
  mover: fc.option(processName, { nil: undefined }),
  namespace: fc.string(),
  pid: natural,
  path: fc.string().map((name) => `/${name}`),
  place: fc.string().map((name) => `/${name}`),
  source: fc.string(),
  mounts: fc.array(natural),
  connection: fc.option(natural, { nil: undefined }),
  ended: fc.boolean(),
  trustNames: fc.boolean(),
  locksHeld: fc.boolean(),
  rescue: fc.constantFrom('unwritten', 'differing'),
});

const [sample] = fc.sample(journals, { numRuns: 1, seed: 1 });
const fields = () => JSON.parse(formatJournal(sample as Journal)) as Record<string, unknown>;

test('what is written is read', () => {
  fc.assert(
    fc.property(journals, (journal) => {
      const parsed = parseJournal(formatJournal(journal));
      assert.equal(parsed.kind, 'journal');
      assert.deepEqual(
        JSON.parse(JSON.stringify(parsed.kind === 'journal' && parsed.journal)),
        JSON.parse(JSON.stringify(journal)),
      );
    }),
  );
});

test('any other text is told apart, and never throws', () => {
  fc.assert(fc.property(fc.string(), (text) => parseJournal(text).kind !== 'journal'));
  fc.assert(fc.property(fc.json(), (text) => parseJournal(text).kind !== 'journal'));
  assert.deepEqual(parseJournal(''), { kind: 'damaged', reason: 'it is not JSON' });
  assert.deepEqual(parseJournal('[]'), { kind: 'damaged', reason: 'it is not a JSON object' });
  assert.deepEqual(parseJournal('{}'), { kind: 'damaged', reason: 'it has no format number' });
});

test('a journal that was cut is damaged', () => {
  const text = formatJournal(sample as Journal).trimEnd();
  for (let length = 0; length < text.length; length++) {
    assert.equal(parseJournal(text.slice(0, length)).kind, 'damaged');
  }
});

test('each field is checked', () => {
  for (const name of Object.keys(fields()).filter((each) => each !== 'format')) {
    const { kind, ...rest } = parseJournal(JSON.stringify({ ...fields(), [name]: { wrong: true } }));
    assert.deepEqual([kind, rest], ['damaged', { reason: `its ${name} is {"wrong":true}` }]);
  }
});

test('a newer format is foreign, whatever else is in it', () => {
  assert.deepEqual(parseJournal('{"format": 2}'), {
    kind: 'foreign',
    reason: 'it has format 2, this version of Ordeal reads 1',
  });
});
