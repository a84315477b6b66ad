import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Counters } from '@ordeal/kernel-chaos';
import type { ArmedFaults } from '@ordeal/node';
import { inColour, plain } from '../output/paint.js';
import {
  type EventOf,
  type RunView,
  renderArmedAgain,
  renderArming,
  renderCounters,
  renderEvent,
} from './run.js';

const at = '2026-11-20T12:00:00.000Z';
const view: RunView = {
  paint: plain,
  columns: 80,
  hasCommand: true,
  endsCommand: false,
  stacks: false,
  several: false,
};
const none = {
  reached: 0n,
  sparedInterrupt: 0n,
  inChain: 0n,
  matched: 0n,
  sparedNoFail: 0n,
  skipped: 0n,
  lostDice: 0n,
  usedUp: 0n,
  fired: 0n,
  untracked: 0n,
} satisfies Counters;
const counters: Counters = { ...none, reached: 1204n, inChain: 14n, matched: 14n, fired: 14n };

const faults: ArmedFaults = {
  kind: 'kernel',
  what: 'slab allocations',
  outcome: 'ENOMEM',
  chain: ['__x64_sys_mount(const struct pt_regs *regs)'],
  innermost: '__x64_sys_mount',
  probability: 100,
  means: { mechanism: 'fmod_ret', function: 'should_failslab' },
};

const armed: EventOf<'armed'> = {
  type: 'armed',
  at,
  experiment: 'kernel-chaos-example',
  faults,
  targets: ['./mount-loop and its children (pid 4211, cgroup ordeal/4211)'],
  durationNs: undefined,
  probabilityPercent: 100,
  times: 0,
  programs: 3,
  armingMs: 41,
};

const lifted: EventOf<'lifted'> = {
  type: 'lifted',
  at,
  experiment: 'kernel-chaos-example',
  reason: 'duration',
  elapsedMs: 7300,
  counters,
  sites: [
    { faults: 11, stack: ['__x64_sys_mount', 'do_mount', 'getname_flags', 'kmem_cache_alloc'] },
    { faults: 3, stack: ['__x64_sys_mount', 'copy_mount_options', '__kmalloc'] },
  ],
  faults,
};

test('the header says what fails, where, for whom and until when', () => {
  assert.equal(
    renderEvent(armed, view),
    `kernel-chaos-example   slab allocations fail with ENOMEM
  under    __x64_sys_mount(const struct pt_regs *regs)
  for      ./mount-loop and its children (pid 4211, cgroup ordeal/4211)
  until    the command ends; every match
  armed    fmod_ret on should_failslab, 3 programs, 41 ms

`,
  );
});

test('the header of I/O faults names those who use the volume now', () => {
  const moved = Array.from({ length: 7 }, (_, index) => ({
    pid: 60 + index,
    command: 'postgres',
    threads: 1,
    descriptors: 2,
    directories: 0,
    mappings: 0,
    savedBytes: 0,
    stopsMs: [1],
    ended: false,
  }));
  assert.match(
    renderEvent({ ...armed, moved }, view),
    /\n {2}now {6}postgres \(pid 60\), (postgres \(pid 6\d\), ){3}postgres \(pid 64\) and 2 more\n/,
  );
  assert.doesNotMatch(renderEvent({ ...armed, moved: [] }, view), /\n {2}now/);
  const ended = moved.slice(0, 1).map((each) => ({ ...each, command: '' }));
  assert.match(renderEvent({ ...armed, moved: ended }, view), /\n {2}now +already ended \(pid \d+\)\n/);
});

test('arming is shown while it takes long', () => {
  const event = { type: 'arming', at, experiments: ['eio', 'slow'] } as const;
  assert.equal(renderArming(event, 4_200), '  00:04   eio, slow   arming');
});

test('the header of a schedule is shown once', () => {
  assert.equal(
    renderArmedAgain(armed, view),
    'kernel-chaos-example   again: slab allocations fail with ENOMEM\n',
  );
});

test('a longer chain, a duration, a share and a limit', () => {
  const event: EventOf<'armed'> = {
    ...armed,
    faults: { ...faults, chain: ['a(void)', 'b(int x)'] },
    durationNs: 30_000_000_000n,
    probabilityPercent: 1,
    times: 3,
  };
  assert.equal(
    renderEvent(event, { ...view, hasCommand: false }),
    `kernel-chaos-example   slab allocations fail with ENOMEM
  under    a(void)
           b(int x)
  for      ./mount-loop and its children (pid 4211, cgroup ordeal/4211)
  until    30 s have passed, or Ctrl-C; 1 % of matches, at most 3 faults for each target
  armed    fmod_ret on should_failslab, 3 programs, 41 ms

`,
  );
});

test('the live line', () => {
  const event: EventOf<'counters'> = {
    type: 'counters',
    at,
    experiment: 'a',
    counters,
    elapsedMs: 7000,
    remainingMs: undefined,
  };
  assert.equal(renderCounters(event, view), '  00:07   reached 1 204   in chain 14   fired 14');
  assert.equal(
    renderCounters({ ...event, remainingMs: 22_300 }, { ...view, several: true, paint: inColour }),
    '  00:07   a   reached 1 204   in chain 14   \x1b[31mfired 14\x1b[0m   23 s left',
  );
  const slow = { ...event, methods: [{ method: 'write', reached: 20, fired: 14 }], slowestMs: 105 };
  assert.equal(
    renderCounters(slow, view, [0, 4, 10]),
    '  00:07   fired 14 ▁▄█   write 14 of 20   slowest 105 ms',
  );
});

test('the summary says where faults happened', () => {
  assert.equal(
    renderEvent(lifted, view),
    `lifted after 7.3 s: 14 faults
  fault point reached 1 204 ×, in chain 14 ×, predicate true 14 ×
  11 ×  __x64_sys_mount < do_mount < getname_flags < kmem_cache_alloc
   3 ×  __x64_sys_mount < copy_mount_options < __kmalloc
`,
  );
});

test('without a fault the summary says why', () => {
  const event: EventOf<'lifted'> = {
    ...lifted,
    reason: 'command ended',
    counters: { ...none, reached: 12n },
    sites: [],
  };
  assert.equal(
    renderEvent(event, { ...view, several: true }),
    `kernel-chaos-example: lifted after 7.3 s, when the command ended: no faults: the targets reached should_failslab, but never under __x64_sys_mount
  fault point reached 12 ×, in chain 0 ×
`,
  );
});

test('many sites are cut to the most frequent', () => {
  const sites = Array.from({ length: 13 }, (_, index) => ({ faults: 1, stack: [`f${index}`] }));
  const lines = renderEvent({ ...lifted, sites }, view).split('\n');
  assert.equal(lines[11], '  1 ×  f9');
  assert.equal(lines[12], '  3 faults more at 3 sites');
});

test('the result of I/O faults says which request it was, or what chose them', () => {
  const methods = [{ method: 'fsync', reached: 7, fired: 1 }];
  const fields = { ...lifted, counters: { ...none, reached: 7n, fired: 1n }, methods, sites: [] };
  const words = (more: object) => renderEvent({ ...fields, ...more }, view);
  assert.equal(
    words({ match: 3 }),
    'lifted after 7.3 s: 1 fault, at the 3rd of 7 matching requests\n  fsync 1 of 7\n',
  );
  assert.equal(words({ seed: 41 }), 'lifted after 7.3 s: 1 fault, chosen by seed 41\n  fsync 1 of 7\n');
});

test('the result of a power loss says what its undo log took', () => {
  const words = (undoLog: object) =>
    renderEvent({ ...lifted, sites: [], undoLog } as EventOf<'lifted'>, view)
      .split('\n')
      .slice(2, -1);
  assert.deepEqual(words({ memoryBytes: 0, fileBytes: 0, writtenBack: 0 }), [
    '  old data: at most 0 B in memory',
  ]);
  assert.deepEqual(words({ memoryBytes: 8192, fileBytes: 94_208, writtenBack: 1 }), [
    '  old data: at most 8.2 kB in memory, 94.2 kB in a file',
    '  1 time there was too much to keep: all that was not synced until then counts as written back',
  ]);
});

test('each I/O fault is a line of its own', () => {
  const fault = {
    type: 'io-fault',
    at,
    experiment: 'eio',
    match: 1,
    action: 'fault',
    method: 'write',
    path: 'wal/0001',
    offsetBytes: 8192,
    sizeBytes: 4096,
    process: 61,
    thread: 61,
    command: 'postgres',
    errno: 'EIO',
    delayMs: undefined,
    damagedBytes: undefined,
  } as const;
  const elsewhere = { offsetBytes: undefined, sizeBytes: undefined, errno: undefined };
  const byKernel = { process: undefined, thread: undefined, command: undefined };
  assert.equal(
    [
      renderEvent(fault, view),
      renderEvent({ ...fault, action: 'mistake', errno: undefined, damagedBytes: 1 }, view),
      renderEvent(
        { ...fault, ...elsewhere, method: 'open', action: 'latency', delayMs: 300, thread: 62 },
        view,
      ),
      renderEvent(
        { ...fault, ...elsewhere, ...byKernel, method: 'release', action: 'latency', delayMs: 1500 },
        view,
      ),
      renderEvent(
        { ...fault, ...elsewhere, method: 'lookup', action: 'attrOverride' },
        { ...view, several: true },
      ),
      renderEvent({ type: 'io-faults-dropped', at, experiments: ['eio'], count: 1200 }, view),
      renderEvent({ type: 'io-faults-dropped', at, experiments: ['eio'], count: undefined }, view),
    ].join(''),
    `  12:00:00.000   postgres (pid 61)   write wal/0001, 4 096 bytes at 8 192   EIO
  12:00:00.000   postgres (pid 61)   write wal/0001, 4 096 bytes at 8 192   1 byte damaged
  12:00:00.000   postgres (pid 61, thread 62)   open wal/0001   300 ms slower
  12:00:00.000   the kernel   release wal/0001   1.5 s slower
  12:00:00.000   eio   postgres (pid 61)   lookup wal/0001   other attributes
note: 1 200 faults are only counted: they came faster than they could be reported
note: the last faults may be missing: their server did not answer at the end
`,
  );
});

test('other events', () => {
  const text = [
    { type: 'note', at, note: { kind: 'keeper', message: 'the kernel log cannot be read here' } } as const,
    { type: 'kernel-log', at, severity: 'oom', line: 'Out of memory: Killed process 12' } as const,
    { type: 'kernel-log-clean', at } as const,
    { type: 'scheduled', at, experiment: 'a', next: '2026-11-20T12:05:00.000Z' } as const,
    { type: 'command-ended', at, exitCode: 0, signal: undefined } as const,
    { type: 'command-ended', at, exitCode: 3, signal: undefined } as const,
    { type: 'command-ended', at, exitCode: undefined, signal: 'SIGTERM' } as const,
  ].map((event) => renderEvent(event, view));
  assert.equal(
    text.join(''),
    `note: the kernel log cannot be read here
kernel log: Out of memory: Killed process 12
kernel log: clean
a   waits for its schedule: next in 5 min, at 2026-11-20 12:05:00 UTC
the command ended with exit code 3
the command was killed by SIGTERM
`,
  );
});

test('a command that was ended on purpose', () => {
  const event = { type: 'command-ended', at, exitCode: undefined, signal: 'SIGTERM' } as const;
  assert.equal(
    renderEvent(event, { ...view, endsCommand: true }),
    'the command was terminated as --after says\n',
  );
});

test('the live line of I/O faults names the methods that come most often', () => {
  const methods = [
    { method: 'fsync', reached: 4, fired: 0 },
    { method: 'flush', reached: 1, fired: 0 },
    { method: 'read', reached: 20, fired: 0 },
    { method: 'write', reached: 1370, fired: 67 },
  ];
  const event: EventOf<'counters'> = {
    type: 'counters',
    at,
    experiment: 'slow',
    counters: { ...none, reached: 1395n, fired: 67n },
    methods,
    elapsedMs: 7_000,
    remainingMs: 23_000,
  };
  assert.equal(
    renderCounters(event, view),
    '  00:07   fired 67   write 67 of 1 370   read 0 of 20   fsync 0 of 4   23 s left',
  );
});

test('a run that failed ends with the line that repeats it', () => {
  const ended = { type: 'run-ended', at, exitCode: 3, faults: 1n, endedEarly: true } as const;
  assert.equal(
    renderEvent({ ...ended, repeat: 'sudo ordeal run io.yaml --seed 7' }, view),
    'the run failed: faults ended before their time\nto repeat it: sudo ordeal run io.yaml --seed 7\n',
  );
  assert.equal(renderEvent({ ...ended, exitCode: 0, endedEarly: false }, view), '');
});
