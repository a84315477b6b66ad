import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { damage } from './damage.js';
import type { IoRule } from './io-rule.js';
import { METHODS, type Method, UNNAMED } from './method.js';
import { RuleGroup } from './rule-group.js';
import { RuleSet, type Verdict } from './rule-set.js';

const READ = METHODS.indexOf('read');
const WRITE = METHODS.indexOf('write');
const OPEN = METHODS.indexOf('open');

const all = { matchesPath: undefined, methods: undefined };
const only = (...methods: Method[]) => new Set(methods);
const inLogs = (path: string) => path.startsWith('/data/log/');

function build(rules: readonly IoRule[], random?: () => number) {
  const group = new RuleGroup({ rules, volumePath: '/' });
  group.active = true;
  return { group, set: new RuleSet([group], random), counters: group.counters };
}

/** What a verdict says, without the rules that say it. */
function sayingOf(verdict: Verdict | undefined) {
  return (
    verdict && {
      delay: verdict.delay,
      errno: verdict.errno,
      mistakes: verdict.mistakes.map(({ rule }) => rule.mistake),
    }
  );
}

test('rules apply in order: delays add up and the first fault ends it', () => {
  const { set, counters } = build([
    { ...all, action: 'latency', milliseconds: 10 },
    { ...all, action: 'latency', milliseconds: 5, methods: only('read') },
    { ...all, action: 'fault', errno: 5 },
    { ...all, action: 'fault', errno: 28 },
    { ...all, action: 'latency', milliseconds: 1000 },
  ]);
  const selection = set.select('/data/a');
  assert.deepEqual(sayingOf(set.decide(selection, READ)), { delay: 15, errno: 5, mistakes: [] });
  assert.deepEqual(sayingOf(set.decide(selection, OPEN)), { delay: 10, errno: 5, mistakes: [] });
  assert.deepEqual(counters.read(1, READ), { reached: 1, fired: 1 });
  assert.deepEqual(counters.read(1, OPEN), { reached: 0, fired: 0 });
  assert.deepEqual(counters.read(3, READ), { reached: 0, fired: 0 });
});

test('paths and methods choose; requests without a name only meet rules without methods', () => {
  const { set } = build([
    { ...all, action: 'fault', errno: 1, matchesPath: inLogs },
    { ...all, action: 'fault', errno: 2, methods: only('open') },
  ]);
  const inside = set.select('/data/log/x');
  const outside = set.select('/data/x');
  assert.equal(set.decide(inside, UNNAMED)?.errno, 1);
  assert.equal(set.decide(outside, UNNAMED), undefined);
  assert.equal(set.decide(outside, OPEN)?.errno, 2);
  assert.deepEqual([inside.reads, outside.reads], [true, false]);
  assert.equal(set.select('/data/y'), outside);
});

test('each rule has its own random draw for each request', () => {
  const rolls = [0.299, 0.3, 0.1];
  const rule = (errno: number): IoRule => ({ ...all, action: 'fault', errno, trigger: { percent: 30 } });
  const { set, counters } = build([rule(1), rule(2)], () => rolls.shift() ?? 1);
  const selection = set.select('/data/a');
  assert.equal(set.decide(selection, READ)?.errno, 1);
  assert.equal(set.decide(selection, READ)?.errno, 2);
  assert.deepEqual(counters.read(0, READ), { reached: 2, fired: 1 });
});

test('0 percent never fires and 100 always', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (roll) => {
      const { set } = build(
        [
          { ...all, action: 'fault', errno: 1, trigger: { percent: 0 } },
          { ...all, action: 'fault', errno: 2, trigger: { percent: 100 } },
        ],
        () => roll,
      );
      assert.equal(set.decide(set.select('/'), READ)?.errno, 2);
    }),
  );
});

test('mistakes only meet requests that carry bytes', () => {
  const mistake = { filling: 'zero', maxOccurrences: 1, maxLength: 4 } as const;
  const { set } = build([{ ...all, action: 'mistake', mistake }]);
  const selection = set.select('/data/a');
  assert.deepEqual(
    set.decide(selection, WRITE)?.mistakes.map(({ rule }) => rule.mistake),
    [mistake],
  );
  assert.equal(set.decide(selection, OPEN), undefined);
});

test('a request whose bytes must stay whole meets all but mistakes, and they do not count it', () => {
  const mistake = { filling: 'zero', maxOccurrences: 1, maxLength: 4 } as const;
  const { set, counters } = build([
    { ...all, action: 'mistake', mistake },
    { ...all, action: 'latency', milliseconds: 3 },
  ]);
  const verdict = set.decide(set.select('/data/a'), READ, { now: 0, whole: true });
  assert.deepEqual(sayingOf(verdict), { delay: 3, errno: 0, mistakes: [] });
  assert.deepEqual(counters.read(0, READ), { reached: 0, fired: 0 });
});

test('overrides meet every reply with attributes, whatever their methods', () => {
  const { set } = build([{ ...all, action: 'attrOverride', attr: { size: 7n }, methods: only('read') }]);
  const selection = set.select('/data/a');
  const seen: unknown[] = [];
  set.override(selection, METHODS.indexOf('lookup'), ({ rule }) => seen.push(rule.attr.size));
  assert.deepEqual(seen, [7n]);
  assert.equal(set.decide(selection, READ), undefined);
});

test('damage stays within the bytes and within the pieces', () => {
  const roll = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 200 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 50 }),
      fc.infiniteStream(roll),
      (length, maxOccurrences, maxLength, rolls) => {
        const bytes = new Uint8Array(length).fill(0xaa);
        damage(bytes, { filling: 'zero', maxOccurrences, maxLength }, () => rolls.next().value ?? 0);
        const damaged = bytes.filter((byte) => byte === 0).length;
        assert.ok(damaged <= maxOccurrences * maxLength);
        assert.ok(length === 0 || damaged > 0);
      },
    ),
  );
});
