import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from '@ordeal/experiment';
import { checkFrames, planRequest } from './plan.js';
import { fixtureBtf } from './predicate/btf-fixture.js';
import { requestOf } from './testing/sample-request.js';

const facts = {
  btf: fixtureBtf(),
  arch: 'x64',
  release: 'fixture',
  gfp: {},
  injectable: () => undefined,
} as const;

/** A document whose probability is wrong, so that only its frames can be checked. */
const broken = parseDocuments(
  `apiVersion: chaos-mesh.org/v1alpha1
kind: KernelChaos
metadata: {name: a}
spec:
  mode: one
  selector: {}
  failKernRequest:
    failtype: 0
    probability: 101
    callchain:
      - {funcname: d_alloc_paralel, predicate: 'a =='}
      - {funcname: d_alloc_parallel, predicate: 'name->nam == 3', extra: 1}
      - {funcname: 'd_alloc()', predicate: '(1'}
      - {predicate: '1 +'}
`,
  'a.yaml',
);

const told = (problems: ReturnType<typeof checkFrames>) =>
  problems.map(({ code, place }) => `${code} ${place.line}:${place.column}`).sort();

test('frames of a broken document are checked against a kernel, or by syntax alone', () => {
  assert.deepEqual(broken.experiments, []);
  assert.deepEqual(told(checkFrames(broken.brokenFrames, 'a.yaml', facts)), [
    'ORD-201 11:20',
    'ORD-210 11:53',
    'ORD-210 13:47',
    'ORD-210 14:25',
    'ORD-213 12:56',
  ]);
  assert.deepEqual(told(checkFrames(broken.brokenFrames, 'a.yaml', undefined)), [
    'ORD-210 11:53',
    'ORD-210 13:47',
    'ORD-210 14:25',
  ]);
});

test('an unknown function does not hide an error in its predicate', () => {
  const { brokenFrames: callchain } = broken;
  const request = { ...requestOf({}), callchain: callchain.slice(0, 1) };
  assert.deepEqual(told(planRequest({ ...request, failtype: 0 }, 'a.yaml', facts).problems), [
    'ORD-201 11:20',
    'ORD-210 11:53',
  ]);
});
