import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outcome, SweepRun, SweepState } from '@ordeal/node';
import { inColour, plain } from '../output/paint.js';
import {
  renderBaseline,
  renderChosenRun,
  renderOutput,
  renderSweepProgress,
  renderSweepStart,
  type SweepView,
} from './sweep.js';
import { renderSummary } from './sweep-summary.js';

const view: SweepView = { paint: plain, columns: 80 };
const subject: SweepState['subject'] = {
  command: ['sqlite3', 'test.db', '.read load it.sql'],
  what: 'slab allocations',
  request: '{"failtype":0,"callchain":[]}',
  under: [],
  kernel: '6.1.0',
  stdin: undefined,
  prepare: undefined,
  check: undefined,
  sameOutput: false,
};
const OK = { kind: 'exited', code: 0 } as const;

function run(n: number, outcome: Outcome | 'no fault', place: string, words = ''): SweepRun {
  const stack = outcome === 'no fault' ? [] : [`__x64_sys_${place}`, 'getname_flags', 'kmem_cache_alloc'];
  return {
    n,
    outcome,
    words,
    exit: OK,
    stack,
    thread: 'sqlite3',
    elapsedMs: 10,
    lastLines: [],
    kernelLog: [],
  };
}

function summary(runs: readonly SweepRun[], more: Partial<SweepState> = {}): string {
  const baseline = { exit: OK, matches: runs.length, elapsedMs: 5, stdout: '' };
  const state: SweepState = {
    format: 'ordeal-sweep/1',
    subject,
    baseline,
    runs,
    end: 'settled',
    elapsedMs: 366_000,
    ...more,
  };
  return renderSummary(state, 'ordeal lab sweep --limit=2s', view);
}

const means = { kind: 'kernel', mechanism: 'fmod_ret', function: 'should_failslab' } as const;

test('the head says what fails, and what a run is', () => {
  assert.equal(
    renderSweepStart({ type: 'armed', subject, means, from: 1 }, view) +
      renderBaseline({ type: 'baseline', exit: OK, matches: 1840, elapsedMs: 230, stdout: '' }),
    `every slab allocation of the command, failed one at a time
  command  sqlite3 test.db '.read load it.sql'
  armed    fmod_ret on should_failslab, Linux 6.1.0
  without  exit 0, 1 840 matching requests, 230 ms

`,
  );
});

test('a chain, input, steps and an earlier part are told where there are some', () => {
  const rich = {
    ...subject,
    what: 'page allocations',
    request: '{"failtype":1,"callchain":[{"funcname":"do_mount"}]}',
    under: ['do_mount(void)', 'b(int x)'],
    stdin: '/tmp/load.sql',
    prepare: 'rm -f test.db',
    check: 'cmp a b',
  };
  assert.equal(
    renderSweepStart(
      { type: 'armed', subject: rich, means: { ...means, mechanism: 'kprobe', function: 'x' }, from: 1201 },
      view,
    ),
    `every matching page allocation of the command, failed one at a time
  command  sqlite3 test.db '.read load it.sql'
  under    do_mount(void)
           b(int x)
  input    /tmp/load.sql
  before   rm -f test.db
  check    cmp a b
  armed    kprobe on x, Linux 6.1.0
  from     run 1 201, where the earlier sweep ended
`,
  );
});

test('the live line', () => {
  const event = { type: 'progress', done: 1200, estimate: 1843, etaMs: 70_400, failures: 0 } as const;
  assert.equal(
    renderSweepProgress(event, 12_000, view),
    '  00:12   run 1 200 of about 1 843   about 1 min 10 s left',
  );
  assert.equal(
    renderSweepProgress({ ...event, done: 1900, failures: 2 }, 12_000, { ...view, paint: inColour }),
    '  00:12   run 1 900 of about 1 843   \x1b[31m2 failed\x1b[0m',
  );
});

test('the summary groups sites by outcome and says how to repeat the bad ones', () => {
  const runs = [
    run(1, 'not started', 'execve', 'exit 126, "exec: no memory"'),
    ...['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].map((place, index) =>
      run(2 + index, 'survives', place),
    ),
    run(12, 'clean error', 'open', 'exit 1, "out of memory"'),
    run(13, 'clean error', 'read', 'exit 1, "out of memory"'),
    run(14, 'clean error', 'stat', 'exit 2'),
    run(15, 'wrong', 'pwrite64', 'check: exit 1, "database disk image is malformed"'),
    run(16, 'hangs', 'fsync', '> 2 s'),
    run(17, 'hangs', 'fsync', '> 2 s'),
    run(18, 'no fault', ''),
  ];
  assert.equal(
    summary(runs),
    `swept: 16 sites, 17 faults, 6 min 6 s
  survives     10 sites
  not started   1 site    exit 126, "exec: no memory"
  clean error   3 sites   exit 1, "out of memory", and 1 more
  wrong         1 site    check: exit 1, "database disk image is malformed"
  hangs         1 site    > 2 s
  1 run saw no fault: the command does not make the same requests every time
first wrong:   #15  __x64_sys_pwrite64 < getname_flags < kmem_cache_alloc
first hangs:   #16  __x64_sys_fsync < getname_flags < kmem_cache_alloc
to repeat: ordeal lab sweep --limit=2s --only 15,16 -- sqlite3 test.db '.read load it.sql'
kernel log: clean
`,
  );
});

test('a sweep that is not whole says so', () => {
  const some = [run(1, 'survives', 'open')];
  assert.match(summary(some, { end: 'most' }), /^stopped at --most, --resume continues: 1 site, 1 fault, /);
  assert.match(summary(some, { end: 'interrupted' }), /^interrupted, --resume continues: /);
  assert.match(summary(some, { end: undefined }), /^ended early, --resume continues: /);
  assert.match(summary([]), /\n {2}no request matched: there was nothing to fail\n/);
});

test('a chosen run shows its output and what became of it', () => {
  assert.equal(
    renderOutput({ type: 'output', n: 15, stdout: 'half', stderr: 'oh\n' }),
    '--- standard output\nhalf\n--- standard error\noh\n',
  );
  assert.equal(renderOutput({ type: 'output', n: 15, stdout: '', stderr: '' }), '');
  assert.equal(
    renderChosenRun(
      { type: 'run', ...run(15, 'signal', 'read', 'SIGSEGV'), kernelLog: ['WARNING: x'] },
      view,
    ),
    `run 15: signal   SIGSEGV   after 10 ms
  __x64_sys_read < getname_flags < kmem_cache_alloc
  in sqlite3
  kernel log: WARNING: x
`,
  );
});
