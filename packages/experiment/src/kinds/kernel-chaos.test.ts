import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from '../parse-documents.js';
import { problemsOf } from '../testing/problems-of.js';

/** A KernelChaos of which only the request matters. */
function withRequest(request: string): string {
  return `apiVersion: chaos-mesh.org/v1alpha1
kind: KernelChaos
metadata: {name: a}
spec:
  mode: one
  selector: {}
  failKernRequest:
${request.replaceAll(/^/gm, '    ')}
`;
}

test('numbers out of range', () => {
  assert.equal(
    problemsOf(withRequest('failtype: 3\nprobability: 150\ntimes: -1')),
    `a.yaml:8:15  error  failtype: 3 is not a fault type; 0 slab, 1 page, 2 block I/O  [ORD-110]
    8 |     failtype: 3
      |               ^
a.yaml:9:18  error  probability: 150 is out of range  [ORD-110]
    9 |     probability: 150
      |                  ^~~  0 to 100
a.yaml:10:12  error  times: -1 is out of range  [ORD-110]
   10 |     times: -1
      |            ^~  not negative`,
  );
});

test('which matches fail', () => {
  const told = (fields: string) => problemsOf(withRequest(`failtype: 0\n${fields}`));
  assert.equal(told('after: 2\nevery: 3\ntimes: 1'), '');
  assert.equal(told('probability: 10\nseed: 41'), '');
  assert.match(told('seed: 41'), /^a.yaml:9:11 {2}warning {2}seed: has no effect, nothing is random here/);
});

test('a function in place of a failtype', () => {
  assert.equal(problemsOf(withRequest('function: openat\nerrno: EMFILE\ntimes: 1')), '');
  assert.equal(problemsOf(withRequest('function: should_fail_alloc_page')), '');
  const [experiment] = parseDocuments(withRequest('function: openat\nerrno: emfile'), 'a.yaml').experiments;
  assert.ok(experiment?.kind === 'KernelChaos');
  const { failKernRequest } = experiment.spec;
  assert.deepEqual(
    [failKernRequest.failtype, failKernRequest.function, failKernRequest.errno],
    [undefined, 'openat', 24],
  );
  assert.deepEqual(failKernRequest.places.errno, { line: 9, column: 12, length: 6 });
});

test('a function and a failtype exclude each other, and only a function has an errno', () => {
  const told = (fields: string) => problemsOf(withRequest(fields)).split('\n')[0];
  assert.equal(
    told('failtype: 0\nfunction: openat\nerrno: 5'),
    'a.yaml:9:15  error  failtype and function exclude each other  [ORD-119]',
  );
  assert.equal(
    told('failtype: 0\nerrno: 5'),
    'a.yaml:9:12  error  errno: belongs to function; each failtype has its own error  [ORD-119]',
  );
  assert.match(
    told('times: 1') ?? '',
    /failKernRequest needs the field 'failtype' or 'function' {2}\[ORD-108\]/,
  );
  assert.match(told('function: openat(2)\nerrno: 5') ?? '', /8:15 .*'openat\(2\)' is not the name .*ORD-117/);
  assert.match(told('function: openat\nerrno: EMFIL') ?? '', /9:12 .*'EMFIL' is not the name .*ORD-124/);
  assert.match(told('function: openat\nerrno: 0') ?? '', /9:12 .*errno: 0 is out of range/);
});

test('values of the wrong type', () => {
  assert.equal(
    problemsOf(
      withRequest(
        'failtype: "0"\nprobability: 1.5\ntimes: 010\nheaders: linux/mm.h\ncallchain: {funcname: a}',
      ),
    ),
    `a.yaml:8:15  error  failtype: expected a whole number, found the text "0"  [ORD-106]
    8 |     failtype: "0"
      |               ^~~  remove the quotes
a.yaml:9:18  error  probability: expected a whole number, found the number 1.5  [ORD-106]
    9 |     probability: 1.5
      |                  ^~~
a.yaml:10:12  error  times: 010 is octal to kubectl and decimal to YAML 1.2  [ORD-110]
   10 |     times: 010
      |            ^~~  write 8 or 0o10
a.yaml:11:14  error  headers: expected a list, found the text "linux/mm.h"  [ORD-106]
   11 |     headers: linux/mm.h
      |              ^~~~~~~~~~
a.yaml:12:5  error  callchain: expected a list, found a map  [ORD-106]
   12 |     callchain: {funcname: a}
      |     ^~~~~~~~~`,
  );
});

test('a probability of 0 never fails, and headers are not needed', () => {
  const source = withRequest('failtype: 0\nprobability: 0\nheaders: [linux/mm.h]');
  assert.equal(
    problemsOf(source),
    `a.yaml:9:18  warning  probability: 0 arms and counts but never fails; the existing engine treats 0 as always  [ORD-121]
    9 |     probability: 0
      |                  ^  leave it out to fail always
a.yaml:10:5  note  headers: not needed, types come from the BTF of the running kernel  [ORD-122]
   10 |     headers: [linux/mm.h]
      |     ^~~~~~~`,
  );
  const [experiment] = parseDocuments(source, 'a.yaml').experiments;
  assert.equal(experiment?.kind === 'KernelChaos' && experiment.spec.failKernRequest.probability, 0);
});

test('only the last frame may have no name, and needs a predicate then', () => {
  assert.equal(
    problemsOf(withRequest('failtype: 2\ncallchain:\n- funcname: a.isra.0\n- predicate: "true"')),
    '',
  );
  assert.equal(problemsOf(withRequest('failtype: 2\ncallchain: []')), '');
  assert.equal(
    problemsOf(
      withRequest("failtype: 0\ncallchain:\n- predicate: x\n- funcname: 'f(int a)'\n- funcname: ''"),
    ),
    `a.yaml:10:7  error  callchain[0] has no funcname; only the last frame may leave it out  [ORD-120]
   10 |     - predicate: x
      |       ^~~~~~~~~~~~
a.yaml:11:17  error  funcname: 'f(int a)' is not the name of a function  [ORD-120]
   11 |     - funcname: 'f(int a)'
      |                 ^~~~~~~~~~  only the name, for example d_alloc_parallel; its parameters go into parameters
a.yaml:12:7  error  callchain[2] has neither funcname nor predicate  [ORD-120]
   12 |     - funcname: ''
      |       ^~~~~~~~~~~~  name a function, write a predicate over the fault point, or remove the frame`,
  );
});

test('unknown and missing fields', () => {
  assert.equal(
    problemsOf(
      'apiVersion: chaos-mesh.org/v1alpha1\nkind: KernelChaos\nmetadata: {}\nspec:\n  failKernRequst:\n    failtype: 0\n  mode:\n',
    ),
    `a.yaml:3:1  error  metadata needs the field 'name'  [ORD-108]
    3 | metadata: {}
      | ^~~~~~~~  The experiment's name.
a.yaml:4:1  error  spec needs the field 'mode'  [ORD-108]
    4 | spec:
      | ^~~~  How many of the matching pods are targets.
a.yaml:4:1  error  spec needs the field 'selector'  [ORD-108]
    4 | spec:
      | ^~~~  Which pods match.
a.yaml:4:1  error  spec needs the field 'failKernRequest'  [ORD-108]
    4 | spec:
      | ^~~~  What fails, and where.
a.yaml:5:3  error  spec has no field 'failKernRequst'  [ORD-107]
    5 |   failKernRequst:
      |   ^~~~~~~~~~~~~~  did you mean failKernRequest?`,
  );
});
