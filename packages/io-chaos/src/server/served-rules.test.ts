import assert from 'node:assert/strict';
import { test } from 'node:test';
import { METHODS, RuleCounters, RuleSet } from '@ordeal/fault-fs';
import type { IoFaults } from '../faults.js';
import { ServedRules } from './served-rules.js';

const READ = METHODS.indexOf('read');
const fails = (errno: number) =>
  ({ action: 'fault', errno, methods: ['read'], percent: 100 }) as unknown as IoFaults;

/** Rules as a server has them, and what they do to a read. */
class Served {
  #set = new RuleSet([]);
  readonly rules = new ServedRules((groups) => {
    this.#set = new RuleSet(groups);
  });

  put(group: number, errno: number, counters = countersOfOne()): RuleCounters {
    return this.putFaults(group, fails(errno), counters);
  }

  putFaults(group: number, faults: IoFaults, counters = countersOfOne()): RuleCounters {
    this.rules.put({ group, faults: [faults], volumePath: '/data', inside: '', reported: false }, counters);
    return counters;
  }

  read(): number | undefined {
    return this.#set.decide(this.#set.select('/file'), READ)?.errno;
  }

  get sees(): boolean {
    return this.#set.select('/file').reads;
  }
}

function countersOfOne(): RuleCounters {
  return new RuleCounters(1);
}

test('rules decide how files are opened at once, and take effect when they begin', () => {
  const served = new Served();
  served.put(1, 5);
  assert.deepEqual([served.sees, served.read()], [true, undefined]);
  served.rules.begin(1, [undefined]);
  assert.equal(served.read(), 5);
  served.rules.begin(1, [0]);
  assert.equal(served.read(), undefined);
});

test('groups end in any order, and one that is off leaves the others on', () => {
  const served = new Served();
  for (const group of [1, 2, 3]) {
    served.put(group, group);
    served.rules.begin(group, []);
  }
  assert.equal(served.read(), 1);
  served.rules.pause(1, true);
  assert.equal(served.read(), 2);
  served.rules.drop(2);
  assert.equal(served.read(), 3);
  served.rules.pause(1, false);
  assert.equal(served.read(), 1);
  served.rules.drop(1);
  served.rules.drop(3);
  assert.deepEqual([served.sees, served.read()], [false, undefined]);
});

test('other faults take the place of those of a group: it goes on counting, until the same deadline, paused or not', () => {
  const served = new Served();
  const counters = served.put(1, 5);
  served.rules.begin(1, []);
  served.read();
  served.put(1, 28, counters);
  assert.equal(served.read(), 28);
  assert.equal(counters.read(0, READ).fired, 2);
  served.rules.pause(1, true);
  served.put(1, 30, counters);
  assert.equal(served.read(), undefined);
  served.rules.pause(1, false);
  assert.equal(served.read(), 30);
  served.rules.begin(1, [0]);
  served.put(1, 5, counters);
  assert.equal(served.read(), undefined);
});

test('a rule that stays the same goes on counting its matches, another one begins anew', () => {
  const once = (errno: number) => ({ ...fails(errno), after: 1, times: 1 });
  const served = new Served();
  const reads = () => [1, 2, 3].map(() => served.read());
  const counters = served.putFaults(1, once(5));
  served.rules.begin(1, []);
  assert.deepEqual(reads(), [undefined, 5, undefined]);
  served.putFaults(1, once(5), counters);
  assert.deepEqual(reads(), [undefined, undefined, undefined]);
  served.putFaults(1, once(28), counters);
  assert.deepEqual(reads(), [undefined, 28, undefined]);
});

test('all groups go off and on together, whatever each of them does meanwhile', () => {
  const served = new Served();
  served.put(1, 5);
  served.rules.enable(false);
  served.rules.begin(1, []);
  assert.equal(served.read(), undefined);
  served.rules.enable(true);
  assert.equal(served.read(), 5);
});
