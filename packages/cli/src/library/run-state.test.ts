import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FaultsError } from './faults-error.js';
import { RunState } from './run-state.js';

test('counts are added up over experiments, and each fault is kept', () => {
  const state = new RunState();
  state.hear({ type: 'run-started' });
  const counted = (experiment: string, fired: number) =>
    ({ type: 'counters', experiment, counters: { reached: 10, fired } }) as const;
  state.hear(counted('one', 1));
  state.hear(counted('one', 2));
  state.hear(counted('two', 3));
  state.hear({ type: 'io-fault', experiment: 'one', match: 1, action: 'fault', method: 'write', path: 'a' });
  const { reached, fired, experiments, io } = state.result();
  assert.deepEqual(
    { reached, fired, names: experiments.map(({ name }) => name) },
    {
      reached: 20,
      fired: 5,
      names: ['one', 'two'],
    },
  );
  assert.equal(io[0]?.method, 'write');
  assert.ok(state.started && !state.ended && state.failure === undefined);
});

test('warnings do not make a run fail, errors do, with their place', () => {
  const state = new RunState();
  const problem = {
    code: 'ORD-109',
    file: 'standard input',
    place: { line: 4, column: 9, length: 4 },
    message: "methods[0]: 'WRTE' is not known",
    hint: 'did you mean write?',
  };
  state.hear({ type: 'problems', problems: [{ severity: 'warning', ...problem }] });
  assert.ok(!state.failure);
  state.hear({ type: 'problems', problems: [{ severity: 'error', ...problem }] });
  const { failure } = state as { failure: FaultsError | undefined };
  assert.equal(failure?.code, 'ORD-109');
  assert.equal(
    failure?.message,
    "documents:4:9  error  methods[0]: 'WRTE' is not known; did you mean write?",
  );
});

test('faults that end by themselves make the run fail, those that are lifted or whose time is over do not', () => {
  const lifted = (reason: string) =>
    ({ type: 'lifted', experiment: 'one', reason, counters: { reached: 0, fired: 0 } }) as const;
  const state = new RunState();
  for (const reason of ['duration', 'interrupted']) state.hear(lifted(reason));
  assert.ok(!state.failure);
  state.hear(lifted('target ended'));
  const { failure } = state as { failure: FaultsError | undefined };
  assert.match(failure?.message ?? '', /one ended too early: target ended/);
});
