import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IO_METHODS } from '../io/methods.js';
import { parseDocuments } from '../parse-documents.js';
import { problemsOf } from '../testing/problems-of.js';

/** An IOChaos on /data of which only these fields of spec matter. */
function withFields(fields: string): string {
  return `apiVersion: chaos-mesh.org/v1alpha1
kind: IOChaos
metadata: {name: a}
spec:
  mode: one
  selector: {}
  volumePath: /data
${fields.replaceAll(/^/gm, '  ')}
`;
}

function told(fields: string): string {
  return problemsOf(withFields(fields));
}

test('all 32 methods, in any case', () => {
  assert.equal(IO_METHODS.length, 32);
  const methods = IO_METHODS.map((method) => method.toUpperCase()).join(', ');
  const [experiment] = parseDocuments(
    withFields(`action: fault\nerrno: 5\nmethods: [${methods}]`),
    'a',
  ).experiments;
  assert.deepEqual(experiment?.kind === 'IOChaos' && experiment.spec.methods, IO_METHODS);
});

test('errors by number and name', () => {
  const errno = (text: string) => {
    const [experiment] = parseDocuments(withFields(`action: fault\nerrno: ${text}`), 'a').experiments;
    return experiment?.kind === 'IOChaos' ? experiment.spec.errno : undefined;
  };
  assert.deepEqual(
    ['5', 'EIO', 'eio', 'EAGAIN', 'EWOULDBLOCK', 'ENOTSUP', '511'].map(errno),
    [5, 5, 5, 11, 11, 95, 511],
  );
  assert.equal(
    told('action: fault\nerrno: ENOSPC'),
    `a.yaml:9:10  note  errno: Chaos Mesh accepts only the number  [ORD-128]
    9 |   errno: ENOSPC
      |          ^~~~~~  28 works in both`,
  );
  assert.equal(
    told('action: fault\nerrno: ENSPC'),
    `a.yaml:9:10  error  errno: 'ENSPC' is not the name of an error  [ORD-124]
    9 |   errno: ENSPC
      |          ^~~~~  did you mean ENOSPC?`,
  );
  assert.equal(
    told('action: fault\nerrno: 512'),
    `a.yaml:9:10  error  errno: 512 is out of range  [ORD-110]
    9 |   errno: 512
      |          ^~~  0 to 511`,
  );
});

test('numbers without a unit and with one too many', () => {
  assert.equal(
    told('action: latency\ndelay: 10\npercent: 50%\nduration: 1.5'),
    `a.yaml:9:10  error  delay: the number 10 has no unit  [ORD-114]
    9 |   delay: 10
      |          ^~  for example "10s"
a.yaml:10:12  error  percent: expected a whole number, found the text "50%"  [ORD-106]
   10 |   percent: 50%
      |            ^~~  write 50
a.yaml:11:13  error  duration: the number 1.5 has no unit  [ORD-114]
   11 |   duration: 1.5
      |             ^~~  for example "1.5s"`,
  );
});

test('an action requires its own block', () => {
  for (const [action, block] of [
    ['latency', 'delay, histogram or stall'],
    ['fault', 'errno'],
    ['attrOverride', 'attr'],
    ['mistake', 'mistake'],
  ]) {
    assert.match(
      told(`action: ${action}`),
      new RegExp(`^a.yaml:8:11 {2}error {2}action: ${action} needs ${block} {2}`),
    );
  }
  assert.equal(
    told('action: fault\nerrno: 0'),
    `a.yaml:9:10  error  errno: action fault does nothing with 0  [ORD-119]
    9 |   errno: 0
      |          ^  for example errno: 5, which is EIO`,
  );
  assert.match(
    told('action: latency\ndelay: 0s'),
    /^a.yaml:9:10 {2}error {2}delay: action latency does nothing with 0/,
  );
  assert.match(
    told('action: latency\ndelay: ""'),
    /^a.yaml:9:10 {2}error {2}action: latency needs delay, histogram or stall/,
  );
  assert.equal(
    told('action: mistake\nmistake: {filling: ones}\nmethods: [read]'),
    `a.yaml:9:3  error  mistake needs the field 'maxOccurrences'  [ORD-108]
    9 |   mistake: {filling: ones}
      |   ^~~~~~~  The most places of one read or write that are damaged.
a.yaml:9:3  error  mistake needs the field 'maxLength'  [ORD-108]
    9 |   mistake: {filling: ones}
      |   ^~~~~~~  The most bytes of one damaged place.
a.yaml:9:22  error  filling: 'ones' is not known  [ORD-109]
    9 |   mistake: {filling: ones}
      |                      ^~~~  there are zero, random, flip, misplaced, stale, sticky`,
  );
});

test('blocks of other actions are refused, zeros of other tools are not', () => {
  assert.equal(told('action: latency\ndelay: 1s\nerrno: 0'), '');
  assert.equal(told('action: fault\nerrno: 5\ndelay: ""'), '');
  assert.equal(
    told('action: latency\ndelay: 1s\nerrno: 5\nattr: {perm: 0644}'),
    `a.yaml:10:10  error  errno: is for action fault, this is action latency  [ORD-119]
   10 |   errno: 5
      |          ^  write one IOChaos for each action
a.yaml:11:3  error  attr: is for action attrOverride, this is action latency  [ORD-119]
   11 |   attr: {perm: 0644}
      |   ^~~~  write one IOChaos for each action
a.yaml:11:16  error  perm: 0644 is octal to kubectl and decimal to YAML 1.2  [ORD-110]
   11 |   attr: {perm: 0644}
      |                ^~~~  write 420 or 0o644`,
  );
});

test('a limit is for every matching request', () => {
  assert.equal(told('action: limit\nlimit: {bytesPerSecond: 1048576, operationsPerSecond: 100}'), '');
  assert.match(told('action: limit'), /^a.yaml:8:11 {2}error {2}action: limit needs limit {2}/);
  assert.equal(
    told('action: limit\nlimit: {}'),
    `a.yaml:9:3  error  limit: needs bytesPerSecond or operationsPerSecond  [ORD-119]
    9 |   limit: {}
      |   ^~~~~  for example limit: {bytesPerSecond: 1048576}`,
  );
  assert.equal(
    told('action: limit\nlimit: {operationsPerSecond: 0}\ntimes: 3'),
    `a.yaml:9:32  error  operationsPerSecond: 0 is out of range  [ORD-110]
    9 |   limit: {operationsPerSecond: 0}
      |                                ^  at least 1
a.yaml:10:10  error  times: a limit is for every matching request  [ORD-119]
   10 |   times: 3
      |          ^  choose requests by path and methods`,
  );
});

test('a capacity is for every request that takes space', () => {
  assert.equal(told('action: capacity\ncapacity: {bytes: 0}'), '');
  assert.equal(told('action: capacity\ncapacity: {bytes: 1048576, errno: EDQUOT}\npath: /data/log/*'), '');
  assert.equal(
    told('action: capacity\ncapacity: {errno: EIO, bytes: -1}\nmethods: [write]'),
    `a.yaml:9:21  error  errno: 'EIO' is not known  [ORD-109]
    9 |   capacity: {errno: EIO, bytes: -1}
      |                     ^~~  there are ENOSPC, EDQUOT
a.yaml:9:33  error  bytes: -1 is out of range  [ORD-110]
    9 |   capacity: {errno: EIO, bytes: -1}
      |                                 ^~  not negative
a.yaml:10:3  error  methods: a capacity is for every matching request  [ORD-119]
   10 |   methods: [write]
      |   ^~~~~~~  choose requests by path`,
  );
});

test('bytes of another block or time, and damage that stays, are for reads', () => {
  for (const filling of ['misplaced', 'stale', 'sticky']) {
    const block = `action: mistake\nmistake: {filling: ${filling}, maxOccurrences: 1, maxLength: 1}`;
    assert.equal(told(block), '');
    const warned = told(`${block}\nmethods: [write]`);
    assert.ok(
      warned.startsWith(`a.yaml:10:3  warning  methods: ${filling} damages only what is read`),
      warned,
    );
  }
});

test('a power loss is for the whole volume', () => {
  assert.equal(told('action: powerLoss\npowerLoss: {}'), '');
  assert.equal(told('action: powerLoss\npowerLoss: {lose: random, metadata: strict, seed: 7}'), '');
  assert.match(told('action: powerLoss'), /^a.yaml:8:11 {2}error {2}action: powerLoss needs powerLoss {2}/);
  assert.match(
    told('action: powerLoss\npowerLoss: {}\npath: /data/*\nmethods: [write]\npercent: 50\nafter: 2'),
    /path: powerLoss is for.*methods: powerLoss is for.*percent: powerLoss is for.*after: powerLoss is for/s,
  );
});

test('how delays are spread', () => {
  const latency = 'action: latency\ndelay: 10ms\n';
  assert.equal(told(`${latency}jitter: 5ms\ndistribution: normal\ncorrelation: 25\nseed: 4`), '');
  assert.equal(told('action: latency\nstall: {for: 10s, every: 1m}'), '');
  assert.equal(
    told('action: latency\nhistogram: [{upTo: 1ms, weight: 9}, {upTo: 1s, weight: 1}]\nseed: 4'),
    '',
  );
  assert.equal(
    told(`${latency}correlation: 101\ndistribution: poisson`),
    `a.yaml:10:16  error  correlation: 101 is out of range  [ORD-110]
   10 |   correlation: 101
      |                ^~~  0 to 100
a.yaml:10:16  warning  correlation: has no effect without jitter, all delays are the same  [ORD-123]
   10 |   correlation: 101
      |                ^~~
a.yaml:11:17  error  distribution: 'poisson' is not known  [ORD-109]
   11 |   distribution: poisson
      |                 ^~~~~~~  there are uniform, normal, pareto
a.yaml:11:17  warning  distribution: has no effect without jitter, all delays are the same  [ORD-123]
   11 |   distribution: poisson
      |                 ^~~~~~~`,
  );
  assert.match(
    told('action: latency\nstall: {for: 1s, every: 2s}\njitter: 1ms'),
    /^a.yaml:10:11 {2}error {2}jitter: needs delay/,
  );
  assert.match(
    told('action: fault\nerrno: 5\njitter: 1ms'),
    /^a.yaml:10:11 {2}error {2}jitter: is for action latency, this is action fault/,
  );
  assert.match(
    told(`${latency}histogram: [{upTo: 1ms, weight: 1}]`),
    /^a.yaml:9:10 {2}error {2}delay: histogram takes the place of delay/,
  );
});

test('a histogram and a pause that make no sense', () => {
  assert.equal(
    told('action: latency\nhistogram:\n  - {upTo: 2ms, weight: 0}\n  - {upTo: 1ms, weight: 0}'),
    `a.yaml:9:3  error  histogram: no part has a weight  [ORD-119]
    9 |   histogram:
      |   ^~~~~~~~~
a.yaml:11:14  error  upTo: is not longer than that of the part before  [ORD-119]
   11 |     - {upTo: 1ms, weight: 0}
      |              ^~~`,
  );
  assert.equal(
    told('action: latency\nstall: {for: 10s, every: 10s}'),
    `a.yaml:9:28  error  every: is not longer than for, so the pause would never end  [ORD-119]
    9 |   stall: {for: 10s, every: 10s}
      |                            ^~~`,
  );
});

test('what a failed fsync does to data is for faults of fsync', () => {
  const fault = 'action: fault\nerrno: 5\n';
  assert.equal(told(`${fault}unsynced: lose`), '');
  assert.equal(told(`${fault}methods: [fsync, write]\nunsynced: keep`), '');
  assert.equal(
    told(`${fault}unsynced: loose`),
    `a.yaml:10:13  error  unsynced: 'loose' is not known  [ORD-109]
   10 |   unsynced: loose
      |             ^~~~~  did you mean lose?`,
  );
  assert.equal(
    told(`${fault}methods: [write]\nunsynced: keep`),
    `a.yaml:11:13  warning  unsynced: has no effect, fsync is not one of the methods  [ORD-123]
   11 |   unsynced: keep
      |             ^~~~`,
  );
  assert.equal(
    told('action: latency\ndelay: 1s\nunsynced: lose'),
    `a.yaml:10:13  error  unsynced: is for action fault, this is action latency  [ORD-119]
   10 |   unsynced: lose
      |             ^~~~`,
  );
});

test('attributes', () => {
  assert.equal(told('action: attrOverride\nattr: {kind: socket, atime: {sec: 1, nsec: 2}}'), '');
  assert.equal(
    told('action: attrOverride\nattr: {}'),
    `a.yaml:9:3  error  attr: names no attribute to override  [ORD-119]
    9 |   attr: {}
      |   ^~~~`,
  );
  assert.equal(
    told('action: attrOverride\nattr: {perm: 4096, kind: dir, mtime: {sec: 1}, ino: 18446744073709551616}'),
    `a.yaml:9:16  error  perm: 4096 is out of range  [ORD-110]
    9 |   attr: {perm: 4096, kind: dir, mtime: {sec: 1}, ino: 18446744073709551616}
      |                ^~~~  0 to 4095
a.yaml:9:28  error  kind: 'dir' is not known  [ORD-109]
    9 |   attr: {perm: 4096, kind: dir, mtime: {sec: 1}, ino: 18446744073709551616}
      |                            ^~~  did you mean directory?
a.yaml:9:33  error  mtime needs the field 'nsec'  [ORD-108]
    9 |   attr: {perm: 4096, kind: dir, mtime: {sec: 1}, ino: 18446744073709551616}
      |                                 ^~~~~  Nanoseconds of the second.
a.yaml:9:55  error  ino: 18446744073709551616 is out of range  [ORD-110]
    9 |   attr: {perm: 4096, kind: dir, mtime: {sec: 1}, ino: 18446744073709551616}
      |                                                       ^~~~~~~~~~~~~~~~~~~~  not negative`,
  );
});

test('invalid patterns and methods', () => {
  assert.equal(
    told('action: fault\nerrno: 5\npath: "/data/\\x61**"\nmethods: [reed, write, 5]'),
    `a.yaml:10:20  error  path: '**' must be a whole component of the path  [ORD-116]
   10 |   path: "/data/\\x61**"
      |                    ^~  as in /data/**/log; '*' is a part of one
a.yaml:11:13  error  methods[0]: 'reed' is not known  [ORD-109]
   11 |   methods: [reed, write, 5]
      |             ^~~~  did you mean read?
a.yaml:11:26  error  methods[2]: expected text, found the number 5  [ORD-106]
   11 |   methods: [reed, write, 5]
      |                          ^  quote it: "5"`,
  );
});

test('a rule that can never apply gives a warning', () => {
  const headline = (fields: string) => told(fields).split('\n')[0];
  const fault = 'action: fault\nerrno: 5\n';
  assert.equal(headline(`${fault}path: /data/**`), '');
  assert.equal(headline(`${fault}path: /**/*.log`), '');
  assert.equal(headline(`${fault}path: /data`), '');
  assert.equal(
    headline(`${fault}path: '*.log'`),
    'a.yaml:10:9  warning  path: matches nothing under /data; patterns are full paths  [ORD-121]',
  );
  assert.equal(
    headline(`${fault}path: /database/x`),
    'a.yaml:10:9  warning  path: matches nothing under /data; patterns are full paths  [ORD-121]',
  );
  assert.equal(
    headline(`${fault}percent: 0`),
    'a.yaml:10:12  warning  percent: 0 affects no request; the existing engine may treat 0 as 100  [ORD-121]',
  );
  assert.match(
    headline('action: mistake\nmistake: {filling: zero, maxOccurrences: 1, maxLength: 1}\nmethods: [open]') ??
      '',
    /damages nothing, only read, write, readlink carry data/,
  );
  assert.match(
    headline('action: attrOverride\nattr: {uid: 0}\nmethods: [open]') ?? '',
    /methods: has no effect/,
  );
});

test('which matches get the fault', () => {
  const fault = 'action: fault\nerrno: 5\n';
  assert.equal(told(`${fault}after: 2\nevery: 3\ntimes: 1`), '');
  assert.equal(told(`${fault}percent: 10\nseed: 41`), '');
  assert.equal(
    told(`${fault}every: 0\nseed: 41`),
    `a.yaml:10:10  error  every: 0 is out of range  [ORD-110]
   10 |   every: 0
      |          ^  at least 1
a.yaml:11:9  warning  seed: has no effect, nothing is random here  [ORD-123]
   11 |   seed: 41
      |         ^~`,
  );
  const block = 'action: mistake\nmistake: {filling: zero, maxOccurrences: 1, maxLength: 1}\nmethods: [read]';
  assert.equal(told(`${block}\nseed: 41`), '');
  assert.equal(
    told('action: attrOverride\nattr: {uid: 0}\ntimes: 1'),
    `a.yaml:10:10  warning  times: counts replies that carry attributes, and the kernel asks for those when it likes  [ORD-130]
   10 |   times: 1
      |          ^`,
  );
});

test('a mistake on write outlives the experiment', () => {
  const block = 'action: mistake\nmistake: {filling: zero, maxOccurrences: 1, maxLength: 1}';
  assert.equal(
    told(block),
    `a.yaml:8:11  warning  mistake: what is written is damaged in the real file, and stays so after the experiment  [ORD-127]
    8 |   action: mistake
      |           ^~~~~~~  methods: [read] damages only what is read`,
  );
  assert.equal(told(`${block}\nmethods: [read]`), '');
});

test('a volume is an absolute path, neither the root nor a kernel file system', () => {
  for (const path of ['data', '""', '/a/../b', '/', '//', '/.', '/proc', '/sys/kernel', '//proc/./self']) {
    const fields = withFields('action: fault\nerrno: 5').replace('/data', path);
    assert.match(problemsOf(fields), /^a.yaml:7:15 {2}error {2}volumePath: /);
  }
});
