import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseDocuments } from '@ordeal/experiment';
import type { IoSweep, SweepRequest } from './sweep-request.js';

process.env.ORDEAL_RUN = mkdtempSync(join(tmpdir(), 'ordeal-run-'));
const { sweepCommand } = await import('./sweep-command.js');
const { SweepRecord } = await import('./sweep-state.js');
const { summarise } = await import('./summarise.js');

const directory = mkdtempSync(join(tmpdir(), 'ordeal-io-sweep-'));
const volume = join(directory, 'data');
mkdirSync(volume);
const program = join(directory, 'io-error-paths');
const source = new URL('../../fixtures/io-error-paths.c', import.meta.url).pathname;
execFileSync('gcc', ['-O1', '-pthread', '-o', program, source]);

after(() => {
  rmSync(process.env.ORDEAL_RUN ?? '', { recursive: true });
  rmSync(directory, { recursive: true });
});

function document(fields: string): IoSweep {
  const text = `apiVersion: chaos-mesh.org/v1alpha1
kind: IOChaos
metadata: { name: test }
spec: { mode: one, selector: { namespaces: [default] }, volumePath: ${volume}, ${fields} }`;
  const { experiments, problems } = parseDocuments(text, 'test.yaml');
  const [experiment] = experiments;
  assert.ok(experiment?.kind === 'IOChaos', JSON.stringify(problems));
  return { kind: 'io', spec: experiment.spec };
}

async function sweep(what: IoSweep, changes: Partial<SweepRequest> = {}) {
  const record = new SweepRecord(changes.resume);
  const notes: string[] = [];
  const errors: string[] = [];
  const ok = await sweepCommand({
    command: [program, volume],
    what,
    mechanism: undefined,
    inLab: false,
    limitMs: 60_000,
    stdin: undefined,
    prepare: undefined,
    check: undefined,
    sameOutput: false,
    settle: 1,
    most: 1_000,
    only: undefined,
    resume: undefined,
    signal: new AbortController().signal,
    onEvent(event) {
      record.add(event);
      if (event.type === 'note') notes.push(event.message);
      if (event.type === 'output') errors.push(event.stderr);
    },
    ...changes,
  });
  const { state } = record;
  assert.ok(state);
  return { ok, state, notes, errors };
}

test('each write of a program fails once, those of children and threads, too, and the volume is given back', async () => {
  writeFileSync(join(volume, 'kept'), 'kept\n');
  const check = `test "$(cat ${volume}/a)" = "$(printf 'one\\ntwo')"`;
  const { ok, state } = await sweep(document('action: fault, errno: 5, methods: [write, fsync]'), { check });
  assert.equal(ok, false);
  assert.equal(state.baseline.matches, 5);
  assert.deepEqual(
    state.runs.map(({ n, outcome, words, stack: [place] }) => [n, outcome, words, place]),
    [
      [1, 'clean error', 'exit 2, "a cannot be written"', 'write a'],
      [2, 'clean error', 'exit 3', 'write b'],
      [3, 'signal', 'SIGABRT', 'write c'],
      [4, 'wrong', 'check: exit 1', 'write a'],
      [5, 'survives', '', 'fsync a'],
      [6, 'no fault', '', undefined],
    ],
  );
  const { request } = state.runs[3] ?? {};
  assert.deepEqual(request, { method: 'write', path: 'a', offset: 4, size: 4, shifted: false });
  assert.equal(summarise(state.runs, state.baseline).shifted, 0);
  assert.deepEqual(readdirSync(volume), ['kept']);
  assert.equal(readFileSync(join(volume, 'kept'), 'utf8'), 'kept\n');
});

test('a sweep goes on after its last run, and repeats chosen runs with their output', async () => {
  const what = document('action: fault, errno: 5, methods: [write]');
  const part = await sweep(what, { most: 2 });
  assert.equal(part.state.end, 'most');
  const rest = await sweep(what, { resume: part.state });
  assert.equal(rest.state.end, 'settled');
  assert.deepEqual(
    rest.state.runs.map(({ outcome }) => outcome),
    ['clean error', 'clean error', 'signal', 'survives', 'no fault'],
  );
  const { errors } = await sweep(what, { only: [1, 1] });
  assert.deepEqual(errors, ['a cannot be written\n', 'a cannot be written\n']);
});
