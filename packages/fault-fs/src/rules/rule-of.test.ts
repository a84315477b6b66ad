import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type IOChaosSpec, parseDocuments } from '@ordeal/experiment';
import { ruleOf } from './rule-of.js';

function specOf(lines: string): IOChaosSpec {
  const { experiments, problems } = parseDocuments(
    `apiVersion: chaos-mesh.org/v1alpha1
kind: IOChaos
metadata: {name: io, namespace: test}
spec:
  mode: one
  selector: {namespaces: [test]}
  volumePath: /data
${lines}`,
    'io.yaml',
  );
  assert.deepEqual(
    problems.filter(({ severity }) => severity === 'error'),
    [],
  );
  const [experiment] = experiments;
  assert.ok(experiment?.kind === 'IOChaos');
  return experiment.spec;
}

test('a fault by name, with path, methods in any case and percent', () => {
  const rule = ruleOf(
    specOf('  action: fault\n  errno: ENOSPC\n  path: /data/*.log\n  methods: [WRITE]\n  percent: 30'),
  );
  assert.ok(rule.action === 'fault');
  assert.deepEqual([rule.errno, rule.trigger?.percent, [...(rule.methods ?? [])]], [28, 30, ['write']]);
  assert.equal(rule.matchesPath?.('/data/a.log'), true);
  assert.equal(rule.matchesPath?.('/data/sub/a.log'), false);
});

test('a delay in milliseconds, for all paths and methods', () => {
  const rule = ruleOf(specOf('  action: latency\n  delay: 1.5ms'));
  assert.deepEqual(rule, {
    action: 'latency',
    milliseconds: 1.5,
    matchesPath: undefined,
    methods: undefined,
    trigger: { percent: 100, after: undefined, every: undefined, times: undefined, seed: undefined },
  });
});

test('attributes, with times and kind', () => {
  const rule = ruleOf(
    specOf('  action: attrOverride\n  attr: {kind: socket, perm: 0o640, mtime: {sec: 5, nsec: 6}}'),
  );
  assert.ok(rule.action === 'attrOverride');
  assert.equal(rule.attr.kind, 0o140000);
  assert.equal(rule.attr.perm, 0o640);
  assert.deepEqual(rule.attr.mtime, { sec: 5n, nsec: 6 });
});

test('mistakes', () => {
  const lines =
    '  action: mistake\n  methods: [read]\n  mistake: {filling: zero, maxOccurrences: 2, maxLength: 3}';
  const rule = ruleOf(specOf(lines));
  assert.ok(rule.action === 'mistake');
  assert.deepEqual(rule.mistake, { filling: 'zero', maxOccurrences: 2, maxLength: 3 });
});
