import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { detachedText, type FailKernRequest } from '@ordeal/experiment';
import { KeeperProcess } from '@ordeal/io-chaos';
import { cgroup2Root, ERRNO, leakedFds, traceFds } from '@ordeal/linux';
import type { Outcome } from './outcome.js';
import { groupSites } from './summarise.js';
import { sweepCommand } from './sweep-command.js';
import type { SweepEvent } from './sweep-event.js';
import type { SweepRequest } from './sweep-request.js';
import { parseState, SweepRecord, type SweepState, stateAsJson } from './sweep-state.js';

traceFds();
const directory = mkdtempSync(join(tmpdir(), 'ordeal-sweep-'));
const program = join(directory, 'error-paths');
const source = new URL('../../fixtures/error-paths.c', import.meta.url).pathname;
execFileSync('gcc', ['-O1', '-static', '-o', program, source]);

after(() => assert.deepEqual(leakedFds(), []));

interface Swept {
  readonly ok: boolean;
  readonly events: readonly SweepEvent[];
  readonly state: SweepState;
}

async function sweep(
  changes: Partial<SweepRequest>,
  watch: (event: SweepEvent) => void = () => undefined,
): Promise<Swept> {
  const events: SweepEvent[] = [];
  const record = new SweepRecord(changes.resume);
  const ok = await sweepCommand({
    command: [program],
    what: undefined,
    mechanism: undefined,
    inLab: true,
    limitMs: 20_000,
    stdin: undefined,
    prepare: undefined,
    check: undefined,
    sameOutput: false,
    settle: 3,
    most: 1_000,
    only: undefined,
    resume: undefined,
    keeper: new KeeperProcess(tmpdir()),
    signal: new AbortController().signal,
    onEvent(event) {
      events.push(event);
      record.add(event);
      watch(event);
    },
    ...changes,
  });
  const { state } = record;
  assert.ok(state);
  return { ok, events, state };
}

/** Slab requests under one system call. */
function under(funcname: string): NonNullable<SweepRequest['what']> {
  const frame = { funcname, parameters: undefined, predicate: undefined };
  const text = { funcname: detachedText(funcname), parameters: undefined, predicate: undefined };
  const request = {
    failtype: 0,
    headers: [],
    callchain: [{ ...frame, source: text }],
    probability: 50,
    after: 1,
    every: 2,
    times: 1,
    seed: 7,
  };
  return { kind: 'kernel', file: 'test.yaml', request: request as unknown as FailKernRequest };
}

/** The outcome of the site under a system call, which may have tail-called the function that does its work. */
function outcomeUnder(state: SweepState, call: string): Outcome | undefined {
  return groupSites(state.runs).find((site) => site.stack[0]?.endsWith(call))?.outcome;
}

test('every slab allocation of a program with known errors', async () => {
  const { ok, events, state } = await sweep({ sameOutput: true });
  assert.equal(ok, false);
  assert.equal(state.end, 'settled');
  assert.deepEqual(
    ['accessat', 'chdir', 'rmdir', 'mount', 'rename', 'unlink'].map((call) => outcomeUnder(state, call)),
    ['survives', 'clean error', 'hangs', 'signal', 'wrong', 'kernel'],
  );
  // Faults in execve(2), before and after the point of no return.
  const exec = groupSites(state.runs).filter((site) => site.stack.join().includes('do_execveat_common'));
  assert.ok(exec.some((site) => site.example.exit.kind === 'exited'));
  assert.ok(exec.every((site) => site.outcome === 'not started' || site.outcome === 'survives'));
  const done = events.at(-1);
  assert.ok(done?.type === 'done' && done.summary.faults >= state.baseline.matches - 3);
});

test('a chosen run is repeated and shows its output', async () => {
  const changes = { command: [program, 'chdir'], what: under('__x64_sys_chdir'), settle: 1 };
  const { ok, state } = await sweep(changes);
  assert.equal(ok, true);
  const failed = state.runs.find((run) => run.outcome === 'clean error');
  assert.ok(failed);
  assert.equal(failed.words, 'exit 3, "out of memory"');
  const again = await sweep({ ...changes, only: [failed.n] });
  const essence = (runs: SweepState['runs']) => runs.map(({ elapsedMs: _, ...rest }) => rest);
  assert.deepEqual(essence(again.state.runs), essence([failed]));
  const output = again.events.filter((event) => event.type === 'output');
  assert.deepEqual(output, [{ type: 'output', n: failed.n, stdout: '', stderr: 'out of memory\n' }]);
});

test('a document chooses the requests; a sweep continues where an earlier one stopped', async () => {
  const what = under('__x64_sys_mount');
  const first = await sweep({ what, most: 1 });
  assert.deepEqual([first.state.end, first.state.runs.length], ['most', 1]);
  assert.ok(
    first.events.some(
      (event) =>
        event.type === 'note' &&
        event.note.kind === 'fields ignored' &&
        event.note.fields.join() === 'probability,after,every,times,seed',
    ),
  );
  const resume = parseState(stateAsJson(first.state), 'sweep.json');
  const rest = await sweep({ what, resume });
  const numbers = rest.state.runs.map((run) => run.n);
  assert.deepEqual(
    numbers,
    Array.from(numbers, (_, index) => index + 1),
  );
  assert.equal(rest.state.end, 'settled');
  assert.equal(numbers.length, rest.state.baseline.matches + 3);
  assert.ok(
    rest.state.runs
      .slice(0, -3)
      .every((run) => run.outcome === 'signal' && run.stack[0] === '__x64_sys_mount'),
  );
  await assert.rejects(sweep({ resume }), { code: 'ORD-311' });
});

test('system calls fail one at a time, and are the sites', async () => {
  const names = ['access', 'chdir', 'mount', 'rename'];
  const calls = names.map((name) => ({ name, errno: ERRNO.ENOMEM }));
  const { ok, state } = await sweep({
    command: [program, ...names, 'access'],
    what: { kind: 'system calls', calls },
    sameOutput: true,
    settle: 1,
  });
  assert.equal(ok, false);
  assert.equal(state.subject.what, 'system calls');
  const sites = groupSites(state.runs).map(({ stack, runs, outcome }) => [
    stack.join(),
    runs.length,
    outcome,
  ]);
  assert.deepEqual(sites, [
    ['mount', 1, 'signal'],
    ['rename', 1, 'wrong'],
    ['chdir', 1, 'clean error'],
    ['access', 2, 'survives'],
  ]);
  const unknown = [{ name: 'no_such_call', errno: ERRNO.EIO }];
  await assert.rejects(sweep({ what: { kind: 'system calls', calls: unknown } }), { code: 'ORD-201' });
});

test('a number means the same system call in a chosen run and in a continued sweep', async () => {
  const more = join(directory, 'more');
  const calls = ['chdir', 'rename'].map((name) => ({ name, errno: ERRNO.ENOMEM }));
  const script = `[ ! -e ${more} ] || ${program} chdir; ${program} chdir && ${program} rename`;
  const changes: Partial<SweepRequest> = {
    command: ['/bin/sh', '-c', script],
    what: { kind: 'system calls', calls },
    settle: 1,
  };
  const sites = ({ state }: Swept) => state.runs.map((run) => run.stack.join());
  const first = await sweep({ ...changes, most: 1 });
  assert.deepEqual(first.state.baseline.matchesOfEach, [1, 1]);
  assert.deepEqual(sites(first), ['chdir']);
  assert.deepEqual(sites(await sweep({ ...changes, only: [2] })), ['rename']);
  // From here on the command makes one chdir more, which must not shift the runs that are left.
  writeFileSync(more, '');
  const resume = parseState(stateAsJson(first.state), 'sweep.json');
  assert.deepEqual(sites(await sweep({ ...changes, resume })), ['chdir', 'rename', '']);
});

test('input is replayed, and a failed check makes a success wrong', async () => {
  const input = join(directory, 'input');
  const copy = join(directory, 'copy');
  writeFileSync(input, 'some text\n');
  const { ok, state } = await sweep({
    command: ['/bin/sh', '-c', `(cat; ${program} rename) > ${copy}`],
    what: under('__x64_sys_rename'),
    stdin: input,
    settle: 1,
    prepare: `test ! -e ${copy} || rm ${copy}`,
    check: `printf 'some text\\ndone\\n' | cmp - ${copy}`,
  });
  assert.equal(ok, false);
  const faults = state.runs.filter((run) => run.outcome !== 'no fault');
  assert.ok(faults.length >= 1);
  for (const run of faults) {
    assert.equal(run.outcome, 'wrong');
    assert.match(run.words, /^check: exit 1, ".* differ: .*"$/);
    assert.equal(run.thread, 'error-paths');
  }
});

test('commands that cannot be swept are rejected', async () => {
  const what = under('__x64_sys_mount');
  await assert.rejects(sweep({ what, command: ['/bin/sleep', '60'], limitMs: 300 }), { code: 'ORD-310' });
  await assert.rejects(sweep({ what, command: ['/nonexistent'] }), { code: 'ORD-303' });
  const flag = join(directory, 'flag');
  const moody = ['/bin/sh', '-c', `[ ! -e ${flag} ] && touch ${flag}`];
  await assert.rejects(sweep({ what, command: moody }), { code: 'ORD-310' });
  assert.equal(
    (await sweep({ what, command: moody, prepare: `rm -f ${flag}`, settle: 1 })).state.end,
    'settled',
  );
});

test('an aborted sweep kills the command and keeps its state', async () => {
  const controller = new AbortController();
  const { ok, state } = await sweep(
    {
      command: [program, 'rmdir'],
      what: under('__x64_sys_rmdir'),
      limitMs: 60_000,
      signal: controller.signal,
    },
    (event) => {
      if (event.type === 'baseline') setTimeout(() => controller.abort(), 1_000);
    },
  );
  assert.deepEqual([ok, state.end, state.runs], [false, 'interrupted', []]);
  const left = readdirSync(join(cgroup2Root() ?? '', 'ordeal'), { withFileTypes: true });
  assert.ok(!left.some((entry) => entry.isDirectory() && entry.name.startsWith(`${process.pid}-`)));
});
