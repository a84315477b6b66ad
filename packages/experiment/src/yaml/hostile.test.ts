import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from '../parse-documents.js';
import { MAX_SOURCE } from './read-tree.js';

/** The first problem of a text. If the time grew faster than the length, this would not end. */
function firstProblem(source: string): string {
  const { experiments, problems } = parseDocuments(source, 'a.yaml');
  assert.deepEqual(experiments, []);
  assert.ok(problems.length <= 101);
  return `${problems[0]?.code} ${problems[0]?.message}`;
}

const half = Math.floor(MAX_SOURCE / 2);

test('ten megabytes of aliases are refused unread', () => {
  const bomb = `a: &a [x]\n${'b: [*a, *a, *a, *a, *a, *a, *a, *a]\n'.repeat(280_000)}`;
  assert.ok(bomb.length > 10_000_000);
  assert.equal(
    firstProblem(bomb),
    `ORD-102 the file has ${bomb.length} characters, more than the 262144 that are read`,
  );
});

test('a small bomb of aliases is refused without being expanded', () => {
  let bomb = 'a0: &a0 [x, x, x, x, x, x, x, x, x]\n';
  for (let i = 1; i < 30; i++) bomb += `a${i}: &a${i} [${`*a${i - 1}, `.repeat(9)}]\n`;
  const { experiments, problems } = parseDocuments(`kind: KernelChaos\n${bomb}`, 'a.yaml');
  assert.deepEqual(experiments, []);
  assert.ok(problems.some((problem) => problem.message === 'YAML anchors are not supported (&a0)'));
});

test('nesting is bounded before it can exhaust the stack', () => {
  const message = 'ORD-102 collections are nested deeper than 64 levels here';
  assert.equal(firstProblem('['.repeat(MAX_SOURCE)), message);
  assert.equal(firstProblem('{a: '.repeat(50_000)), message);
  assert.equal(firstProblem('- '.repeat(half)), message);
  assert.equal(firstProblem('? '.repeat(half)), message);
  assert.equal(firstProblem(Array.from({ length: 600 }, (_, i) => `${' '.repeat(i)}a:\n`).join('')), message);
});

test('many keys, many documents, many mistakes', () => {
  const keys = Array.from({ length: 10_000 }, (_, i) => `k${i}: 1\n`).join('');
  assert.equal(
    firstProblem(keys),
    'ORD-112 the document needs a kind, one of KernelChaos, IOChaos, Schedule',
  );
  assert.equal(firstProblem('---\n'.repeat(half / 16)), 'ORD-103 the file is empty');
  assert.match(firstProblem(`[${','.repeat(half / 16)}`), /^ORD-101 not YAML: Unexpected , in flow sequence/);
  assert.match(firstProblem('%a\n'.repeat(half / 16)), /^ORD-101 not YAML: Unknown directive %a/);
});

test('keys with the names of built-in properties are keys', () => {
  const source = `apiVersion: chaos-mesh.org/v1alpha1
kind: KernelChaos
metadata: {name: a, labels: {constructor: x, __proto__: y}}
spec: {mode: one, selector: {}, failKernRequest: {failtype: 0}}
`;
  const { experiments, problems } = parseDocuments(source, 'a.yaml');
  assert.deepEqual(
    problems.map((problem) => problem.message),
    ["labels: '__proto__' is not a label key: [prefix/]name of letters, digits, '-', '_' and '.'"],
  );
  assert.deepEqual(experiments, []);
  assert.equal(firstProblem(`__proto__: {}\n${source}`), "ORD-107 the document has no field '__proto__'");
});
