import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Scope } from '../scope.js';
import { GateSlots, MAX_ASKED, MAX_CGROUPS, SLOTS } from './gate-slots.js';

const cgroup = (id: number, level: number): Scope => ({ kind: 'cgroup', id: BigInt(id), level });
const tree: Scope = { kind: 'process-tree', pid: 7 };

test('a hundred experiments with a cgroup each fit, and each cgroup asks its own', () => {
  const slots = new GateSlots(1);
  for (let index = 0; index < 100; index++) assert.equal(slots.take([cgroup(1000 + index, 3)]), index);
  assert.equal(slots.always, 0n);
  assert.equal(slots.levels, 1n << 3n);
  assert.equal(slots.askedIn(1042n), 1n << 42n);
  assert.equal(slots.askedIn(1n), 0n);
});

test('as many experiments share a cgroup as one call can go through', () => {
  const slots = new GateSlots(1);
  for (let index = 0; index < MAX_ASKED; index++) assert.notEqual(slots.take([cgroup(5, 2)]), undefined);
  assert.equal(slots.take([cgroup(5, 2)]), undefined);
  assert.equal(slots.take([cgroup(6, 1)]), undefined, 'it may be the parent of the others');
  assert.notEqual(slots.take([cgroup(6, 2)]), undefined);
  slots.release(3);
  assert.equal(slots.take([cgroup(5, 2)]), 3);
});

test('what a cgroup does not tell is asked for every task', () => {
  const slots = new GateSlots(1);
  for (const scopes of [[tree], [cgroup(1, 0)], [cgroup(9, 31)], [cgroup(9, 2), tree]]) slots.take(scopes);
  assert.equal(slots.always, 0b1111n);
  assert.equal(slots.levels, 0n);
  for (let index = 4; index < MAX_ASKED; index++) assert.notEqual(slots.take([tree]), undefined);
  assert.equal(slots.take([tree]), undefined);
});

test('there is room for so many experiments, and so many cgroups', () => {
  const slots = new GateSlots(1);
  for (let index = 0; index < SLOTS; index++) assert.equal(slots.take([cgroup(index + 1, 1)]), index);
  assert.equal(slots.take([cgroup(9999, 1)]), undefined);
  const wide = new GateSlots(1);
  const many = (from: number) => Array.from({ length: MAX_CGROUPS }, (_, index) => cgroup(from + index, 1));
  assert.equal(wide.take(many(1)), 0);
  assert.equal(wide.take([cgroup(99_999, 1)]), undefined);
  assert.equal(wide.take([cgroup(7, 1)]), 1, 'a cgroup that is known already takes no room');
});

test('an experiment with cgroups at every depth fits, with two lookups, too', () => {
  const slots = new GateSlots(2);
  const scopes = Array.from({ length: 30 }, (_, index) => cgroup(index + 1, index + 1));
  for (let index = 0; index < MAX_ASKED; index++) assert.equal(slots.take(scopes), index);
  assert.equal(slots.take(scopes), undefined);
});

test('no task is ever asked for by more than one call can go through, and none is forgotten', () => {
  // A cgroup's parent: paths of a small tree, so that scopes nest and meet.
  const path = (leaf: number) =>
    [leaf % 2, leaf % 6, leaf % 12].map((id, level) => ({ id: 100 * level + id, level: level + 1 }));
  const scope = fc.oneof(
    { weight: 8, arbitrary: fc.tuple(fc.nat(11), fc.nat(2)).map(([leaf, depth]) => inTree(leaf, depth)) },
    { weight: 1, arbitrary: fc.constant(tree) },
  );
  const inTree = (leaf: number, depth: number): Scope => {
    const at = path(leaf)[depth];
    return cgroup(at?.id ?? 0, at?.level ?? 0);
  };
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.array(scope, { minLength: 1, maxLength: 3 }) },
    { weight: 1, arbitrary: fc.nat(SLOTS - 1) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.constantFrom(1, 2), (steps, lookups) => {
      const slots = new GateSlots(lookups as 1 | 2);
      const held = new Map<number, readonly Scope[]>();
      for (const each of steps) {
        if (typeof each === 'number') {
          if (held.delete(each)) slots.release(each);
          continue;
        }
        const slot = slots.take(each);
        if (slot === undefined) continue;
        assert.ok(!held.has(slot));
        held.set(slot, each);
      }
      for (let leaf = 0; leaf < 12; leaf++) {
        const ids = path(leaf);
        assert.ok(
          ids.every(
            ({ id, level }) => slots.askedIn(BigInt(id)) === 0n || (slots.levels >> BigInt(level)) & 1n,
          ),
        );
        const asked = ids.reduce((set, { id }) => set | slots.askedIn(BigInt(id)), slots.always);
        const expected = [...held].filter(([, scopes]) =>
          scopes.some((one) => one.kind !== 'cgroup' || ids.some(({ id }) => BigInt(id) === one.id)),
        );
        for (const [slot] of expected) assert.equal((asked >> BigInt(slot)) & 1n, 1n);
        const count = asked.toString(2).replaceAll('0', '').length;
        assert.ok(count <= MAX_ASKED, `${count} asked`);
      }
      assert.equal(slots.empty, held.size === 0);
    }),
  );
});
