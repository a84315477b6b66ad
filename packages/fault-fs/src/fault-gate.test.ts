import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FaultGate } from './fault-gate.js';
import { RuleGroup } from './rules/rule-group.js';
import { RuleSet } from './rules/rule-set.js';

test('a gate is off at first, can be turned on and off, and goes off by itself', () => {
  const rule = {
    action: 'fault',
    errno: 5,
    matchesPath: undefined,
    methods: undefined,
  } as const;
  const group = new RuleGroup({ rules: [rule], volumePath: '/data' });
  const gate = new FaultGate({ matched: 'direct', unmatched: 'cached' });
  const use = (active: boolean, ...deadlines: number[]) => {
    Object.assign(group, { active, deadlines });
    gate.use(new RuleSet([group]));
  };
  assert.equal(gate.enabled, false);
  use(true);
  assert.equal(gate.enabled, true);
  use(false);
  assert.equal(gate.enabled, false);
  use(true, performance.now() + 24 * 60 * 60_000);
  assert.equal(gate.enabled, true);
  const begun = performance.now();
  use(true, begun + 20);
  while (gate.enabled);
  assert.ok(performance.now() - begun >= 20);
});

test('a gate knows at once how files are to be opened under other rules', () => {
  const reads = { action: 'fault', errno: 5, methods: new Set(['read'] as const) } as const;
  const group = new RuleGroup({ rules: [{ ...reads, matchesPath: undefined }], volumePath: '/data' });
  const gate = new FaultGate({ matched: 'direct', unmatched: 'passthrough' });
  assert.equal(gate.dataPath(undefined), 'passthrough');
  gate.use(new RuleSet([group]));
  assert.equal(gate.dataPath(undefined), 'direct');
  gate.use(new RuleSet([]));
  assert.equal(gate.dataPath(undefined), 'passthrough');
});
