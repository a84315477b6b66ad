import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseDocuments } from '@ordeal/experiment';
import { KeeperProcess } from '@ordeal/io-chaos';
import { summarise } from './summarise.js';
import { sweepCommand } from './sweep-command.js';
import type { SweepNote } from './sweep-note.js';
import type { IoSweep, SweepRequest } from './sweep-request.js';
import { SweepRecord } from './sweep-state.js';

const directory = mkdtempSync(join(tmpdir(), 'ordeal-io-sweep-'));
const volume = join(directory, 'data');
mkdirSync(volume);
const program = compile('io-error-paths');

const runDirectory = join(directory, 'run');
mkdirSync(runDirectory);
const keeper = new KeeperProcess(runDirectory);
after(async () => {
  await keeper.close();
  rmSync(directory, { recursive: true });
});

function compile(name: string): string {
  const binary = join(directory, name);
  const source = new URL(`../../fixtures/${name}.c`, import.meta.url).pathname;
  execFileSync('gcc', ['-O1', '-pthread', '-o', binary, source]);
  return binary;
}

function document(fields: string): IoSweep {
  const text = `apiVersion: chaos-mesh.org/v1alpha1
kind: IOChaos
metadata: { name: test }
spec: { mode: one, selector: { namespaces: [default] }, volumePath: ${volume}, ${fields} }`;
  const { experiments, problems } = parseDocuments(text, 'test.yaml');
  const [experiment] = experiments;
  assert.ok(experiment?.kind === 'IOChaos', JSON.stringify(problems));
  return { kind: 'io', spec: experiment.spec, from: false, states: 1 };
}

async function sweep(what: IoSweep, changes: Partial<SweepRequest> = {}) {
  const record = new SweepRecord(changes.resume);
  const notes: SweepNote[] = [];
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
    keeper,
    signal: new AbortController().signal,
    onEvent(event) {
      record.add(event);
      if (event.type === 'note') notes.push(event.note);
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

test('all requests from the n-th on fail', async () => {
  const what = { ...document('action: fault, errno: 5, methods: [write]'), from: true };
  const { state } = await sweep(what, { check: `grep -q one ${volume}/a` });
  assert.deepEqual(
    state.runs.map(({ outcome, stack: [place] }) => [outcome, place]),
    [
      ['clean error', 'write a'],
      ['clean error', 'write b'],
      ['signal', 'write c'],
      ['survives', 'write a'],
      ['no fault', undefined],
    ],
  );
});

const save = compile('save');
/** What was there before is there, or the new file; once the program has said so, the new one. */
const whole = `read -r said; case "$said$ORDEAL_ENDED-$(cat ${volume}/data)" in -old | -new | saved1-new);; *) exit 1; esac`;

test('a cut before each change finds a missing fsync, and tells what was lost', async () => {
  writeFileSync(join(volume, 'data'), 'old\n');
  const what = document('action: powerLoss, powerLoss: { lose: all }');
  const { ok, state } = await sweep(what, { command: [save, 'careless', volume], check: whole });
  assert.equal(ok, false);
  assert.equal(state.baseline.matches, 4);
  assert.deepEqual(
    state.runs.map(({ outcome, stack: [place] }) => [outcome, place]),
    [
      ['survives', 'before create data.new'],
      ['survives', 'before write data.new'],
      ['survives', 'before rename data.new'],
      ['wrong', 'after the end'],
      ['no fault', undefined],
    ],
  );
  const { cut } = state.runs[3] ?? {};
  assert.equal(cut?.ended, true);
  assert.deepEqual(
    cut?.entries.map(({ kind, path, from }) => [kind, path, from]),
    [
      ['create', '/data.new', undefined],
      ['rename', '/data', '/data.new'],
    ],
  );
  assert.equal(readFileSync(join(volume, 'data'), 'utf8'), 'old\n');
});

test('a program that syncs what it should comes out clean, whatever is lost', async () => {
  for (const metadata of ['ordered', 'strict']) {
    const random = document(`action: powerLoss, powerLoss: { lose: random, metadata: ${metadata} }`);
    const command = [save, 'careful', volume];
    const { ok, state } = await sweep({ ...random, states: 4 }, { command, check: whole, settle: 5 });
    assert.deepEqual(
      state.runs.filter(({ outcome }) => outcome !== 'survives').map(({ n, outcome }) => [n, outcome]),
      [25, 26, 27, 28, 29].map((n) => [n, 'no fault']),
    );
    assert.equal(ok, true);
  }
});

test('the same run makes the same crash state again', async () => {
  const random = document('action: powerLoss, powerLoss: { lose: random }');
  const command = [save, 'careless', volume];
  const runs = [13, 14, 15, 16].flatMap((n) => [n, n]);
  const { state } = await sweep({ ...random, states: 4 }, { command, check: whole, only: runs });
  const lost = state.runs.map(({ cut }) => JSON.stringify(cut));
  for (let at = 0; at < lost.length; at += 2) assert.equal(lost[at], lost[at + 1]);
  assert.ok(new Set(lost).size > 1);
});
