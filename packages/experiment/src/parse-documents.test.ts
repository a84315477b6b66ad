import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from './parse-documents.js';
import { problemsOf } from './testing/problems-of.js';

const head = 'apiVersion: chaos-mesh.org/v1alpha1\n';
const good = `${head}kind: KernelChaos
metadata: {name: a}
spec: {mode: one, selector: {}, failKernRequest: {failtype: 0}}
`;

test('every document is read, even after a broken one', () => {
  const { experiments, problems } = parseDocuments(
    `${good}---\n${head}kind: KernelChaos\n---\na: [b\n---\n${good.replace('name: a', 'name: b')}`,
    'a.yaml',
  );
  assert.deepEqual(
    experiments.map(({ name, place }) => `${name} ${place.line}`),
    ['a 1', 'b 11'],
  );
  assert.deepEqual(
    problems.map(({ code, place }) => `${code} ${place.line}:${place.column}`),
    ['ORD-108 6:1', 'ORD-108 6:1', 'ORD-101 10:1'],
  );
});

test('JSON is YAML, and fields added by the API server are no error', () => {
  const { experiments, problems } = parseDocuments(
    JSON.stringify({
      apiVersion: 'chaos-mesh.org/v1alpha1',
      kind: 'KernelChaos',
      metadata: {
        name: 'a',
        uid: '1',
        creationTimestamp: null,
        managedFields: [{ x: { y: [] } }],
        labels: { a: 'b' },
      },
      spec: { mode: 'one', selector: {}, failKernRequest: { failtype: 2 }, duration: null },
      status: { conditions: [] },
    }),
    'a.json',
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(experiments[0]?.labels, { a: 'b' });
});

test('Windows line ends and byte order marks do not move places', () => {
  const [problem] = parseDocuments(
    good.replace('failtype: 0', 'failtype: 3').replaceAll('\n', '\r\n'),
    'a',
  ).problems;
  assert.deepEqual(problem?.place, { line: 4, column: 61, length: 1 });
  assert.deepEqual(parseDocuments(`\ufeff${good}`, 'a').problems, []);
});

test('nothing at all', () => {
  assert.equal(
    problemsOf(''),
    'a.yaml:1:1  error  the file is empty  [ORD-103]\n' +
      '  write an experiment: apiVersion: chaos-mesh.org/v1alpha1, kind: KernelChaos',
  );
  assert.match(problemsOf('# only a remark\n'), /^a.yaml:1:1 {2}error {2}the file is empty/);
  const { problems } = parseDocuments('---\n---\n# a remark\n---\nnull\n', 'a');
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['ORD-103'],
  );
});

test('empty documents beside others are ignored, as kubectl does', () => {
  const { experiments, problems } = parseDocuments(`---\n${good}---\n# a remark\n---\n---\n`, 'a');
  assert.deepEqual(problems, []);
  assert.equal(experiments.length, 1);
});

test('a List of kubectl is its items', () => {
  const item = (name: string) => good.replace('name: a', `name: ${name}`).trimEnd().split('\n').join('\n  ');
  const list = (...items: string[]) =>
    `apiVersion: v1\nkind: List\nmetadata: {resourceVersion: ""}\nitems:\n${items.map((each) => `- ${each}\n`).join('')}`;
  const { experiments, problems } = parseDocuments(list(item('a'), item('b')), 'a');
  assert.deepEqual(problems, []);
  assert.deepEqual(
    experiments.map(({ name, place }) => `${name} ${place.line}`),
    ['a 5', 'b 9'],
  );
  assert.deepEqual(
    parseDocuments(list(item('a'), item('a'), item('b').replace('mode: one', 'mod: one')), 'a').problems.map(
      ({ code, place }) => `${code} ${place.line}:${place.column}`,
    ),
    ['ORD-108 16:3', 'ORD-107 16:10'],
  );
  assert.match(problemsOf('apiVersion: v1\nkind: List\n'), /needs the field 'items'/);
  assert.match(problemsOf('apiVersion: v1\nkind: List\nitems: [5]\n'), /this document is the number 5/);
});

test('a tab is one mistake, and so is a template', () => {
  assert.equal(
    problemsOf(good.replace('spec: {', 'spec:\n  a: 1\n\tb: 2\n  c: {')),
    `a.yaml:6:1  error  not YAML: Tabs are not allowed as indentation  [ORD-101]
    6 | \tb: 2
      | ^  indent with spaces`,
  );
  const whole = `a.yaml:3:18  error  not YAML yet: this is a template that must be rendered first  [ORD-101]
    3 | metadata: {name: {{ .Values.name }}}
      |                  ^~~~~~~~~~~~~~~~~~  for example helm template CHART | ordeal validate -`;
  assert.equal(problemsOf(good.replace('name: a', 'name: {{ .Values.name }}')), whole);
  const block = problemsOf(`{{- if .Values.x }}\n${good}{{- end }}\n`);
  assert.match(block, /^a.yaml:1:1 {2}error {2}not YAML yet/);
  assert.doesNotMatch(block, /\n.*error/);
  // Braces in valid text are just text.
  assert.equal(problemsOf(good.replace('name: a', 'name: a, annotations: {x: "{{ y }}"}')), '');
});

test('documents that are no experiments', () => {
  assert.equal(
    problemsOf('- a\n---\nhello\n---\na: {b\n---\na:\n\tb: 1\n--- %\n---\na: "b\n---\nc: d\n'),
    `a.yaml:1:1  error  an experiment is a map of fields, this document is a list  [ORD-103]
    1 | - a
      | ^~~  it starts with apiVersion: chaos-mesh.org/v1alpha1
a.yaml:3:1  error  an experiment is a map of fields, this document is the text "hello"  [ORD-103]
    3 | hello
      | ^~~~~  it starts with apiVersion: chaos-mesh.org/v1alpha1
a.yaml:6:1  error  not YAML: Flow map in block collection must be sufficiently indented and end with a }  [ORD-101]
    6 | ---
      | ^
a.yaml:8:1  error  not YAML: Tabs are not allowed as indentation  [ORD-101]
    8 | \tb: 1
      | ^  indent with spaces
a.yaml:9:5  error  not YAML: Plain value cannot start with directive indicator character %  [ORD-101]
    9 | --- %
      |     ^
a.yaml:11:4  error  not YAML: this quote is never closed  [ORD-101]
   11 | a: "b
      |    ^`,
  );
});

test('unknown kinds and versions', () => {
  assert.equal(
    problemsOf(
      'apiVersion: v1\nkind: Pod\n---\nkind: IoChaos\n---\nkind: NetworkChaos\n---\nkind: 5\n---\nmetadata: {}\n',
    ),
    `a.yaml:1:13  error  apiVersion: 'v1' is not known; there are chaos-mesh.org/v1alpha1 and pingcap.com/v1alpha1  [ORD-111]
    1 | apiVersion: v1
      |             ^~
a.yaml:4:7  error  kind: 'IoChaos' is not known; there are KernelChaos, IOChaos, Schedule  [ORD-112]
    4 | kind: IoChaos
      |       ^~~~~~~  did you mean IOChaos?
a.yaml:6:7  error  NetworkChaos is a kind of Chaos Mesh that Ordeal does not support  [ORD-113]
    6 | kind: NetworkChaos
      |       ^~~~~~~~~~~~  it supports KernelChaos, IOChaos, Schedule
a.yaml:8:1  error  the document needs a kind, one of KernelChaos, IOChaos, Schedule  [ORD-112]
    8 | kind: 5
      | ^~~~
a.yaml:10:1  error  the document needs a kind, one of KernelChaos, IOChaos, Schedule  [ORD-112]
   10 | metadata: {}
      | ^~~~~~~~`,
  );
});

test('YAML features that experiments do not allow', () => {
  assert.equal(
    problemsOf(`${head}kind: KernelChaos
metadata: &m {name: a, name: b}
spec: *m
1: x
? [a]
: y
`),
    `a.yaml:3:14  error  YAML anchors are not supported (&m)  [ORD-104]
    3 | metadata: &m {name: a, name: b}
      |              ^~~~~~~~~~~~~~~~~~  remove the anchor and write the value out where it is used
a.yaml:3:24  error  'name' appears twice in the same map  [ORD-105]
    3 | metadata: &m {name: a, name: b}
      |                        ^~~~  keep one of them
a.yaml:4:7  error  YAML aliases are not supported (*m)  [ORD-104]
    4 | spec: *m
      |       ^~  write the value out here
a.yaml:5:1  error  a key must be text, this is the number 1  [ORD-104]
    5 | 1: x
      | ^  quote it: "1"
a.yaml:6:3  error  a key must be text, this is a list  [ORD-104]
    6 | ? [a]
      |   ^~~`,
  );
});

test('two experiments of one name', () => {
  assert.equal(
    problemsOf(`${good}---\n${good}`),
    `a.yaml:8:18  error  KernelChaos default/a is already defined in line 3  [ORD-125]
    8 | metadata: {name: a}
      |                  ^`,
  );
});

test('of very many problems a hundred are listed, errors before warnings, and the rest is counted', () => {
  const unknown = (count: number) => Array.from({ length: count }, (_, i) => `x${i}: 1\n`).join('');
  const listed = (count: number) => parseDocuments(`${good}${unknown(count)}`, 'a.yaml').problems;
  assert.ok(listed(100).every(({ code }) => code === 'ORD-107'));
  const problems = listed(123);
  assert.deepEqual([problems.length, problems[100]?.severity], [101, 'note']);
  assert.equal(problems[100]?.message, 'the file has 23 more problems that are not listed');
  assert.match(listed(101).at(-1)?.message ?? '', /^the file has 1 more problem that is not listed$/);
  const warned = `${head}kind: IOChaos\nmetadata: {name: N}
spec: {mode: all, selector: {}, action: attrOverride, attr: {perm: 1}, methods: [read], volumePath: /data}
`;
  const many = Array.from({ length: 120 }, (_, index) => warned.replace('N', `n${index}`));
  const mixed = parseDocuments([...many, good.replace('failtype: 0', 'failtype: 9')].join('---\n'), 'a.yaml');
  assert.deepEqual(
    mixed.problems.flatMap(({ severity, code }) => (severity === 'warning' ? [] : [code])),
    ['ORD-129', 'ORD-110'],
  );
});
