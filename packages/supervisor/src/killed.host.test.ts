import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Applied } from './supervisor.js';
import { ioChaos } from './testing/documents.js';
import { eventually } from './testing/eventually.js';
import { SupervisorProcess } from './testing/supervisor-process.js';
import { processesOf, VolumeWriter } from './testing/volume-writer.js';

/** More of them would make each other late. */
const AT_ONCE = availableParallelism();

interface Stage {
  readonly writer: VolumeWriter;
  readonly run: string;
  /** Failing writes for the writer, for an hour. */
  readonly badWrites: Applied;
  start(haltAt?: string): SupervisorProcess;
}

/** At the end a last supervisor, which is ended, must leave nothing. */
async function onStage(
  body: (stage: Stage) => Promise<SupervisorProcess>,
  writer = new VolumeWriter(),
): Promise<void> {
  const run = mkdtempSync(join(tmpdir(), 'ordeal-killed-'));
  mkdirSync(join(run, 'supervisor'));
  const badWrites = { ...writer.badWrites, deadline: Date.now() + 3_600_000 };
  try {
    const last = await body({
      writer,
      run,
      badWrites,
      start: (haltAt) => new SupervisorProcess(run, haltAt),
    });
    await last.end();
    await writer.becomesBare();
    await eventually('all its processes end', () => processesOf(run).length === 0);
  } finally {
    for (const pid of processesOf(run)) process.kill(pid, 'SIGKILL');
    await writer.close();
    rmSync(run, { recursive: true });
  }
}

for (const [victims, pattern, looks] of [
  ['the supervisor and its keepers', /holding-program|keeper/, false],
  // Nobody is left who knows what the server was doing.
  ['everything of Ordeal', /./, true],
] as const) {
  test(`kill -9 of ${victims}: the next one undoes what is left and arms again`, () =>
    onStage(async ({ writer, badWrites, start }) => {
      const first = start();
      first.apply(badWrites);
      await eventually('faults are counted', () => (first.status?.counts.fired ?? 0) > 0);
      await first.kill(pattern);
      const second = start();
      await second.phaseBecomes('active');
      assert.equal(second.status?.deadline, badWrites.deadline);
      assert.ok((second.status?.counts.fired ?? 0) >= (first.status?.counts.fired ?? 0));
      await writer.fails('write EIO');
      return second;
    }, new VolumeWriter({ looks })));
}

test('kill -9 of the supervisor: the next one takes over the volume, its counters and its triggers', () =>
  onStage(async ({ writer, badWrites, start }) => {
    const fields = { action: 'fault', errno: 5, methods: ['write'], volumePath: writer.volume };
    const document = ioChaos({ ...fields, after: 10, every: 3, times: 5 });
    const first = start();
    first.apply({ ...badWrites, document });
    await eventually('all its faults are counted', () => first.status?.counts.fired === 5);
    const before = first.status;
    const cover = writer.coverId;
    await first.kill();
    assert.equal(writer.coverId, cover);
    const second = start();
    await second.phaseBecomes('active');
    assert.equal(writer.coverId, cover);
    assert.equal(second.status?.deadline, badWrites.deadline);
    assert.equal(second.status?.since, before?.since);
    const reached = second.status?.counts.reached ?? 0;
    assert.ok(reached >= (before?.counts.reached ?? 0));
    // All five faults are used up. A rule that had begun anew would fail the 13th write from now on.
    await eventually('more writes', () => (second.status?.counts.reached ?? 0) > reached + 50);
    assert.equal(second.status?.counts.fired, 5);
    assert.equal(second.status?.counts.methods.find(({ method }) => method === 'write')?.fired, 5);
    return second;
  }));

test('nobody comes after a killed supervisor until its deadline: the keeper takes the volume back', () =>
  onStage(async ({ writer, badWrites, start }) => {
    const first = start();
    first.apply(badWrites);
    // Faults are active a moment before they are held.
    await first.phaseBecomes('active');
    const deadline = Date.now() + 1_000;
    first.apply({ ...badWrites, deadline });
    await eventually('it is told', () => first.status?.deadline === deadline && !first.status.outdated);
    await first.kill();
    await writer.becomesBare();
    const second = start();
    await second.phaseBecomes('ended');
    assert.equal(second.status?.ended, 'deadline');
    return second;
  }));

interface Killed {
  readonly haltAt: string;
  /** What the supervisor that will halt is asked once the faults are active. */
  readonly order?: (stage: Stage) => Applied | 'remove';
  /** What the next one makes of it. */
  readonly becomes: (stage: Stage, next: SupervisorProcess) => Promise<void>;
}

const isActive: Killed['becomes'] = async ({ writer }, next) => {
  await next.phaseBecomes('active');
  await writer.fails('write EIO');
};
const isGone: Killed['becomes'] = async ({ writer }, next) => {
  await writer.becomesBare();
  assert.equal(next.status, undefined);
};
const isPaused: Killed['becomes'] = async ({ writer }, next) => {
  await next.phaseBecomes('paused');
  await writer.becomesBare();
  assert.ok((next.status?.counts.fired ?? 0) > 0);
};
const isForSyncs: Killed['becomes'] = async ({ writer }, next) => {
  await next.phaseBecomes('active');
  await writer.fails('fsync EIO');
  await writer.spares('write EIO');
};
const badSyncs = ({ badWrites }: Stage) => ({
  ...badWrites,
  document: badWrites.document.replace('write', 'fsync'),
});
const paused = ({ badWrites }: Stage) => ({ ...badWrites, paused: true });
const elsewhere = ({ badWrites, writer }: Stage) => ({
  ...badWrites,
  document: badWrites.document.replace(writer.volume, `${writer.volume}/`),
});

const remove = () => 'remove' as const;

const STEPS: readonly Killed[] = [
  { haltAt: 'written', becomes: isActive },
  { haltAt: 'arming', becomes: isActive },
  { haltAt: 'armed', becomes: isActive },
  { haltAt: 'written #2', order: badSyncs, becomes: isForSyncs },
  { haltAt: 'updating', order: badSyncs, becomes: isForSyncs },
  { haltAt: 'updated', order: badSyncs, becomes: isForSyncs },
  { haltAt: 'written #2', order: paused, becomes: isPaused },
  { haltAt: 'lifted', order: paused, becomes: isPaused },
  { haltAt: 'written #2', order: elsewhere, becomes: isActive },
  { haltAt: 'removed', order: remove, becomes: isGone },
  { haltAt: 'lifted', order: remove, becomes: isGone },
];

test('a supervisor killed at any step', { concurrency: AT_ONCE }, async (t) => {
  const tests = STEPS.map(({ haltAt, order, becomes }) =>
    t.test(`${haltAt}${order ? ` (${order.name})` : ''}`, () =>
      onStage(async (stage) => {
        const first = stage.start(haltAt);
        first.apply(stage.badWrites);
        if (order) {
          await stage.writer.fails('write EIO');
          await eventually('a fault is counted', () => (first.status?.counts.fired ?? 0) > 0);
          const ordered = order(stage);
          if (ordered === 'remove') first.remove();
          else first.apply(ordered);
        }
        await first.halted();
        await first.kill();
        const next = stage.start();
        await becomes(stage, next);
        return next;
      }),
    ),
  );
  await Promise.all(tests);
});

test('a successor killed while it takes over', { concurrency: AT_ONCE }, async (t) => {
  const tests = ['recovered', 'opened', 'arming', 'armed', 'lifted'].map((haltAt) =>
    t.test(haltAt, () =>
      onStage(async (stage) => {
        const { writer, badWrites, start } = stage;
        const first = start();
        first.apply(badWrites);
        await eventually('a fault is counted', () => (first.status?.counts.fired ?? 0) > 0);
        const cover = writer.coverId;
        await first.kill();
        const second = start(haltAt);
        if (haltAt === 'lifted') second.remove();
        await second.halted();
        await second.kill();
        const third = start();
        if (haltAt === 'lifted') await isGone(stage, third);
        else {
          await isActive(stage, third);
          assert.equal(writer.coverId, cover);
          assert.ok((third.status?.counts.fired ?? 0) >= (first.status?.counts.fired ?? 0));
        }
        return third;
      }),
    ),
  );
  await Promise.all(tests);
});
