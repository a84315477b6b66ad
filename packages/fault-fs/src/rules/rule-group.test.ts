import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IoRule } from './io-rule.js';
import { METHODS } from './method.js';
import { RuleGroup } from './rule-group.js';
import { RuleSet } from './rule-set.js';

const READ = METHODS.indexOf('read');
const all = { matchesPath: undefined, methods: undefined };
const slow = (milliseconds: number): IoRule => ({ ...all, action: 'latency', milliseconds });
const fails = (errno: number): IoRule => ({ ...all, action: 'fault', errno });

function groupOf(rules: readonly IoRule[], inside?: string, volumePath = '/data'): RuleGroup {
  const group = new RuleGroup({ rules, volumePath, ...(inside !== undefined && { inside }) });
  group.active = true;
  return group;
}

function decide(set: RuleSet, path = '/file', now = 0) {
  return set.decide(set.select(path), READ, { now });
}

test('groups come and go; each counts for itself, and what it has counted stays', () => {
  const [one, other] = [groupOf([slow(10)]), groupOf([slow(5), fails(5)])];
  assert.equal(decide(new RuleSet([one]))?.delay, 10);
  const both = decide(new RuleSet([one, other]));
  assert.deepEqual([both?.delay, both?.errno], [15, 5]);
  assert.equal(decide(new RuleSet([other]))?.delay, 5);
  assert.deepEqual(one.count(0), { reached: 2, fired: 2 });
  assert.deepEqual(other.count(1), { reached: 2, fired: 2 });
  assert.equal(decide(new RuleSet([])), undefined);
});

test('a group that is off, and a rule past its time, meet and count nothing; how files are opened stays', () => {
  const group = groupOf([fails(5), slow(10)]);
  const set = new RuleSet([group]);
  group.deadlines = [100];
  assert.equal(decide(set, '/file', 99)?.errno, 5);
  assert.deepEqual([decide(set, '/file', 100)?.errno, set.until], [0, Number.POSITIVE_INFINITY]);
  group.active = false;
  assert.equal(decide(set, '/file', 99), undefined);
  assert.equal(set.until, Number.NEGATIVE_INFINITY);
  assert.equal(set.select('/file').reads, true);
  assert.deepEqual(group.count(0), { reached: 1, fired: 1 });
});

test('of a request that waits, the rules that are taken out or off do nothing any more', () => {
  const [one, other] = [groupOf([slow(10)]), groupOf([slow(5), fails(5)])];
  const verdict = decide(new RuleSet([one, other]));
  assert.ok(verdict);
  assert.equal(new RuleSet([one, other, groupOf([])]).remaining(verdict), verdict);
  const left = new RuleSet([other]).remaining(verdict);
  assert.deepEqual([left?.delay, left?.errno], [5, 5]);
  other.active = false;
  const still = new RuleSet([one, other]).remaining(verdict);
  assert.deepEqual([still?.delay, still?.errno], [10, 0]);
  assert.equal(new RuleSet([other]).remaining(verdict), undefined);
});

test('each group sees paths as its own user spells the volume', () => {
  const seen = (group: RuleGroup, path: string) => new RuleSet([group]).select(path).reads;
  const pattern = (text: string): IoRule => ({ ...fails(5), matchesPath: (path) => path === text });
  assert.equal(seen(groupOf([pattern('/data/a/b')]), '/a/b'), true);
  assert.equal(seen(groupOf([pattern('/other/a/b')], '', '/other'), '/a/b'), true);
  assert.equal(seen(groupOf([pattern('/a/b')], '', '/'), '/a/b'), true);
  for (const root of ['/data', '/data/']) assert.equal(seen(groupOf([pattern(root)]), ''), true);
  assert.equal(seen(groupOf([pattern('/')], '', '/'), ''), true);
});

test('a group for a directory of the volume meets what is in it alone', () => {
  const group = groupOf([fails(5)], '/a', '/data/a');
  const set = new RuleSet([group]);
  const met = ['', '/a', '/a/b', '/ab', '/b'].filter((path) => set.select(path).reads);
  assert.deepEqual(met, ['/a', '/a/b']);
  assert.equal(set.everywhere, undefined);
  const below: IoRule = { ...fails(5), matchesPath: (path) => path === '/data/a/b' };
  assert.equal(new RuleSet([groupOf([below], '/a', '/data/a')]).select('/a/b').reads, true);
});
