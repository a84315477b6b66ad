import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FaultGate } from './fault-gate.js';
import { RuleCounters } from './rules/rule-counters.js';
import { RuleSet } from './rules/rule-set.js';

test('a gate is off at first, can be turned on and off, and goes off by itself', () => {
  const rule = {
    action: 'fault',
    errno: 5,
    matchesPath: undefined,
    methods: undefined,
    percent: 100,
  } as const;
  const rules = new RuleSet([rule], new RuleCounters(new ArrayBuffer(RuleCounters.bytesFor(1))));
  const gate = new FaultGate({ volumePath: '/data', rules, matched: 'direct', unmatched: 'cached' });
  assert.equal(gate.enabled, false);
  gate.enable();
  assert.equal(gate.enabled, true);
  gate.disable();
  assert.equal(gate.enabled, false);
  gate.enable([24 * 60 * 60_000]);
  assert.equal(gate.enabled, true);
  const begun = performance.now();
  gate.enable([20]);
  while (gate.enabled);
  assert.ok(performance.now() - begun >= 20);
});
