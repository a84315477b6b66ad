import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DesiredInjection, Work } from './desired-injection.js';
import { workOf } from './desired-injection.js';
import { type Counts, type EndedInjection, type Engine, type Injection, NO_COUNTS } from './engine.js';
import { HeldInjection } from './held-injection.js';
import { pinTarget } from './target-name.js';
import { ioChaos } from './testing/documents.js';

const nothing: EndedInjection = { state: 'active', counts: NO_COUNTS, sites: [], left: [] };
const document = ioChaos({ action: 'fault', errno: 5, volumePath: '/data' });
const desiredUntil = (deadline: number): DesiredInjection => ({
  id: 'one',
  document,
  deadline,
  paused: false,
  target: pinTarget({ kind: 'pid', pid: process.pid }),
});

/** Injects nothing, and lets a test decide when lifting is done. */
class SlowEngine implements Engine<Work> {
  readonly adopted: Counts;
  armings = 0;
  letGo: () => void = () => {};

  /** @param adopted what the faults had counted that it takes over */
  constructor(adopted = NO_COUNTS) {
    this.adopted = adopted;
  }

  check() {
    return [];
  }

  async arm(): Promise<Injection<Work>> {
    this.armings++;
    return {
      state: 'active',
      adopted: this.adopted,
      quiet: false,
      observe: async () => nothing,
      update: async () => true,
      end: () => new Promise((resolve) => (this.letGo = () => resolve(nothing))),
    };
  }
}

/** Lets go of what is armed. */
async function released(held: HeldInjection, engine: SlowEngine): Promise<void> {
  const done = held.release();
  await new Promise(setImmediate);
  engine.letGo();
  await done;
}

test('a new deadline during lifting is not lost', async () => {
  const engine = new SlowEngine();
  const desired = desiredUntil(Date.now() + 3_600_000);
  const work = workOf(desired);
  const held = new HeldInjection(
    { desired, since: 0, counted: NO_COUNTS },
    work,
    work,
    engine,
    'one',
    () => {},
  );
  await held.step();
  assert.equal(held.status.phase, 'active');
  held.want(desiredUntil(Date.now() - 1), work);
  const ending = held.step();
  // The step has begun to lift what is armed.
  await new Promise(setImmediate);
  held.want(desiredUntil(Date.now() + 7_200_000), work);
  engine.letGo();
  await ending;
  assert.equal(held.entry.ended, undefined);
  await held.step();
  assert.equal(held.status.phase, 'active');
  assert.equal(engine.armings, 2);
  await released(held, engine);
});

test('what a dead process had counted is kept, whether its faults are armed anew or taken over', async () => {
  const counts = (fired: number): Counts => ({ ...NO_COUNTS, reached: 2 * fired, fired });
  const desired = desiredUntil(Date.now() + 3_600_000);
  const work = workOf(desired);
  const entry = { desired, since: 0, counted: counts(2), observed: counts(3) };
  const firedWith = async (engine: SlowEngine) => {
    const held = new HeldInjection(entry, work, work, engine, 'one', () => {});
    const before = held.status.counts.fired;
    await held.step();
    assert.deepEqual(held.entry.observed, engine.adopted);
    const { fired } = held.status.counts;
    await released(held, engine);
    return [before, fired];
  };
  assert.deepEqual(await firedWith(new SlowEngine()), [5, 5]);
  assert.deepEqual(await firedWith(new SlowEngine(counts(4))), [5, 6]);
});
