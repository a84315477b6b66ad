import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BASELINE, SUBJECT, sampleRun, sampleState } from '../testing/sample-runs.js';
import { summarise } from './summarise.js';
import type { SweepEvent } from './sweep-event.js';
import { parseState, requireSameSubject, SweepRecord, stateAsJson } from './sweep-state.js';

const runs = [sampleRun(1, 'survives', ['a']), sampleRun(2, 'signal', ['b'], { words: 'SIGSEGV' })];
const done = (all: typeof runs, elapsedMs: number): SweepEvent => ({
  type: 'done',
  end: 'most',
  elapsedMs,
  summary: summarise(all, BASELINE),
});

test('a state is built from its events, and continues an earlier one', () => {
  const record = new SweepRecord(undefined);
  const endNow = () => record.state?.end;
  assert.ok(record.runs.length === 0 && endNow() === undefined);
  record.add({ type: 'armed', subject: SUBJECT, means: { kind: 'io' }, from: 1 });
  record.add({ type: 'baseline', ...BASELINE });
  for (const run of runs) record.add({ type: 'run', ...run });
  assert.equal(endNow(), undefined);
  record.add(done(runs, 500));
  const { state } = record;
  assert.ok(state);
  assert.deepEqual(state, sampleState(runs, { end: 'most', elapsedMs: 500 }));

  const next = new SweepRecord(parseState(stateAsJson(state), 'a.json'));
  next.add({ type: 'armed', subject: SUBJECT, means: { kind: 'io' }, from: 3 });
  next.add({ type: 'baseline', ...BASELINE, matches: 7 });
  const third = sampleRun(3, 'no fault', []);
  next.add({ type: 'run', ...third });
  next.add(done([...runs, third], 100));
  assert.deepEqual(next.state, sampleState([...runs, third], { end: 'most', elapsedMs: 600 }));
});

test('the file contains the derived values, too', () => {
  const file = JSON.parse(stateAsJson(sampleState(runs))) as Record<string, unknown>;
  assert.deepEqual(Object.keys(file), [
    'format',
    'subject',
    'baseline',
    'runs',
    'end',
    'elapsedMs',
    'summary',
    'sites',
  ]);
  assert.deepEqual(file.summary, summarise(runs, BASELINE));
});

test('other files are refused', () => {
  const refused = (text: string, message: RegExp) =>
    assert.throws(() => parseState(text, 'x.json'), { code: 'ORD-311', message });
  refused('{', /^x\.json is not JSON$/);
  for (const text of ['null', '[]', '{}', '{"format":"ordeal-sweep/2"}', '{"format":"ordeal-sweep/1"}']) {
    refused(text, /^x\.json is not the report of a sweep$/);
  }
  const uncounted = { ...sampleState(runs), baseline: { ...BASELINE, matchesOfEach: [1, -1] } };
  refused(JSON.stringify(uncounted), /^x\.json is not the report of a sweep$/);
  // Whatever is missing, the file is refused or read whole.
  const whole = stateAsJson(sampleState(runs));
  fc.assert(
    fc.property(fc.nat(whole.length), fc.nat(40), (at, length) => {
      try {
        const state = parseState(whole.slice(0, at) + whole.slice(at + length), 'x.json');
        summarise(state.runs, state.baseline);
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'ORD-311');
      }
    }),
  );
});

test('only a sweep of the same subject continues', () => {
  const state = parseState(stateAsJson(sampleState(runs)), 'x.json');
  requireSameSubject(state, SUBJECT);
  requireSameSubject(state, { ...SUBJECT, under: ['a(void)'] });
  assert.throws(() => requireSameSubject(state, { ...SUBJECT, command: ['./parser'] }), {
    code: 'ORD-311',
    message: 'The earlier sweep had another command: ["./parser","a b"], not ["./parser"]',
  });
  assert.throws(() => requireSameSubject(state, { ...SUBJECT, check: 'true' }), {
    message: 'The earlier sweep had another --check: nothing, not "true"',
  });
  assert.throws(() => requireSameSubject(state, { ...SUBJECT, kernel: '6.12' }), { code: 'ORD-311' });
});
