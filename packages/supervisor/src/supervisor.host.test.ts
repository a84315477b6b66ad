import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { OrdealError } from '@ordeal/diagnostics';
import { NO_COUNTS } from './engine.js';
import { Journal } from './journal.js';
import { INJECTIONS } from './journal-entry.js';
import type { Status } from './status.js';
import { type Applied, Supervisor } from './supervisor.js';
import { ioChaos, kernelChaos } from './testing/documents.js';
import { eventually } from './testing/eventually.js';
import { VolumeWriter } from './testing/volume-writer.js';

const directory = mkdtempSync(join(tmpdir(), 'ordeal-held-'));
after(() => rmSync(directory, { recursive: true }));
let stages = 0;

interface Stage {
  readonly writer: VolumeWriter;
  readonly runDirectory: string;
  /** Of the journal. */
  readonly journal: string;
  supervisor: Supervisor;
  statusOf(id: string): Status | undefined;
  /** Failing writes for the writer's cgroup. */
  readonly badWrites: Applied;
}

async function onStage(body: (stage: Stage) => Promise<void>): Promise<void> {
  const writer = new VolumeWriter();
  const runDirectory = join(directory, String(stages++));
  const stage: Stage = {
    writer,
    runDirectory,
    journal: join(runDirectory, 'supervisor'),
    supervisor: await Supervisor.open(runDirectory, { prepared: true }),
    statusOf: (id) => stage.supervisor.list().find((each) => each.id === id),
    badWrites: { ...writer.badWrites, deadline: undefined },
  };
  try {
    await body(stage);
    await stage.supervisor.close();
    await writer.becomesBare();
  } finally {
    await stage.supervisor.close();
    await writer.close();
  }
}

const phaseBecomes = (stage: Stage, id: string, phase: Status['phase']) =>
  eventually(`${id} is ${phase}`, () => stage.statusOf(id)?.phase === phase);

test('an applied injection is held, counted, and lifted when it is removed', () =>
  onStage(async (stage) => {
    const { supervisor, writer, badWrites } = stage;
    const told: Status['phase'][] = [];
    supervisor.watch(({ phase }) => told.push(phase));
    await supervisor.apply('one', badWrites);
    await writer.fails('write EIO');
    await eventually('it is counted', () => (stage.statusOf('one')?.counts.fired ?? 0) > 0);
    assert.equal(stage.statusOf('one')?.armings, 1);
    await supervisor.apply('one', badWrites);
    const last = await supervisor.remove('one');
    assert.ok((last?.counts.methods.find(({ method }) => method === 'write')?.fired ?? 0) > 0);
    assert.deepEqual(supervisor.list(), []);
    assert.deepEqual(readdirSync(stage.journal), ['lock']);
    assert.ok(told.includes('active'));
    assert.equal(await supervisor.remove('one'), undefined);
  }));

test('a deadline ends it; it stays as ended until it is removed', () =>
  onStage(async (stage) => {
    await stage.supervisor.apply('one', { ...stage.badWrites, deadline: Date.now() + 1500 });
    await phaseBecomes(stage, 'one', 'ended');
    assert.equal(stage.statusOf('one')?.ended, 'deadline');
    await stage.writer.becomesBare();
    await stage.supervisor.remove('one');
  }));

test('a restarted target gets its faults again', () =>
  onStage(async (stage) => {
    const { writer } = stage;
    await stage.supervisor.apply('one', stage.badWrites);
    await writer.fails('write EIO');
    const before = stage.statusOf('one');
    await writer.kill();
    await phaseBecomes(stage, 'one', 'waiting');
    writer.start();
    await writer.fails('write EIO');
    await phaseBecomes(stage, 'one', 'active');
    const now = stage.statusOf('one');
    assert.equal(now?.armings, 2);
    assert.notEqual(now?.identity, before?.identity);
    assert.ok((now?.counts.fired ?? 0) >= (before?.counts.fired ?? 0));
  }));

test('a process that ends ends its injection', () =>
  onStage(async (stage) => {
    const target = { kind: 'pid', pid: stage.writer.pid } as const;
    await stage.supervisor.apply('one', { ...stage.badWrites, target });
    await stage.writer.fails('write EIO');
    await stage.writer.kill();
    await phaseBecomes(stage, 'one', 'ended');
    assert.equal(stage.statusOf('one')?.ended, 'target ended');
    stage.writer.start();
  }));

test('a refused injection is reported and retried, and does not block others', () =>
  onStage(async (stage) => {
    const { supervisor, writer, badWrites } = stage;
    const nowhere = ioChaos({ action: 'fault', errno: 5, volumePath: '/nowhere' });
    await supervisor.apply('bad', { ...badWrites, document: nowhere });
    await phaseBecomes(stage, 'bad', 'failed');
    // While the writer starts, one of its processes may end during the search; that is retried.
    await eventually('it says why', () => stage.statusOf('bad')?.refusal?.code === 'ORD-753');
    assert.equal(supervisor.check('bad', { ...badWrites, document: nowhere })[0]?.code, 'ORD-753');
    await supervisor.apply('good', badWrites);
    await writer.fails('write EIO');
    await supervisor.remove('bad');
    // The same id, with what can be armed.
    await supervisor.apply('bad', { ...badWrites, target: { kind: 'cgroup', path: 'not/there/yet' } });
    await phaseBecomes(stage, 'bad', 'waiting');
  }));

test('the next supervisor continues with the injections of the journal', () =>
  onStage(async (stage) => {
    const { writer } = stage;
    const deadline = Date.now() + 600_000;
    await stage.supervisor.apply('one', { ...stage.badWrites, deadline });
    await writer.fails('write EIO');
    await assert.rejects(Supervisor.open(stage.runDirectory), { code: 'ORD-851' });
    await stage.supervisor.close();
    await writer.becomesBare();
    writeFileSync(join(stage.journal, 'torn.json'), '{"format":1,"wi');
    stage.supervisor = await Supervisor.open(stage.runDirectory);
    assert.equal(stage.supervisor.setAside.length, 1);
    assert.match(stage.supervisor.setAside[0] ?? '', /torn\.json\.unreadable-\d+$/);
    await writer.fails('write EIO');
    assert.equal(stage.statusOf('one')?.deadline, deadline);
  }));

test('an injection that this kernel refuses stays in the journal, and is retried', () =>
  onStage(async (stage) => {
    await stage.supervisor.close();
    const document = kernelChaos({ failtype: 0, callchain: [{ funcname: 'no_such_function' }] });
    const { target } = stage.badWrites;
    const desired = { id: 'refused', document, target, deadline: undefined, paused: false };
    const journal = new Journal(stage.journal, INJECTIONS);
    journal.write({ desired, since: Date.now(), counted: NO_COUNTS });
    journal.close();
    stage.supervisor = await Supervisor.open(stage.runDirectory);
    await phaseBecomes(stage, 'refused', 'failed');
    assert.equal(stage.statusOf('refused')?.kind, 'KernelChaos');
    assert.deepEqual(stage.supervisor.setAside, []);
    await stage.supervisor.remove('refused');
    assert.deepEqual(stage.supervisor.list(), []);
  }));

test('pause, resume, other faults and another deadline, under the same id', () =>
  onStage(async (stage) => {
    const { supervisor, writer, badWrites } = stage;
    await supervisor.apply('one', badWrites);
    await writer.fails('write EIO');
    await supervisor.apply('one', { ...badWrites, paused: true });
    await phaseBecomes(stage, 'one', 'paused');
    await writer.becomesBare();
    await eventually('its faults are counted', () => (stage.statusOf('one')?.counts.fired ?? 0) > 0);
    const paused = stage.statusOf('one')?.counts.fired ?? 0;
    await supervisor.apply('one', { ...badWrites, document: badWrites.document.replace('write', 'fsync') });
    await writer.fails('fsync EIO');
    await phaseBecomes(stage, 'one', 'active');
    assert.ok((stage.statusOf('one')?.counts.fired ?? 0) >= paused);
    await supervisor.apply('one', { ...badWrites, deadline: Date.now() + 100 });
    await phaseBecomes(stage, 'one', 'ended');
    assert.ok((stage.statusOf('one')?.counts.fired ?? 0) >= paused);
  }));

test('an invalid injection is refused before anything is written', () =>
  onStage(async ({ supervisor, badWrites, journal }) => {
    await assert.rejects(supervisor.apply('x'.repeat(300), badWrites), OrdealError);
    await assert.rejects(supervisor.apply('one', { ...badWrites, document: '{}' }), { code: 'ORD-100' });
    const twice = `${badWrites.document}\n---\n${badWrites.document.replace('faults', 'others')}`;
    await assert.rejects(supervisor.apply('one', { ...badWrites, document: twice }), { code: 'ORD-855' });
    assert.deepEqual(readdirSync(journal), ['lock']);
  }));

for (const first of ['one', 'two'] as const) {
  test(`two on one volume, ${first} ends first`, () =>
    onStage(async (stage) => {
      const { supervisor, writer, badWrites } = stage;
      await supervisor.apply('one', badWrites);
      await writer.fails('write EIO');
      const badSyncs = { ...badWrites, document: badWrites.document.replace('write', 'fsync') };
      assert.deepEqual(supervisor.check('two', badSyncs), []);
      await supervisor.apply('two', badSyncs);
      await writer.fails('fsync EIO');
      await writer.fails('write EIO');
      const [gone, stays] = first === 'one' ? ['write', 'fsync'] : ['fsync', 'write'];
      const last = await supervisor.remove(first);
      assert.deepEqual(
        last?.counts.methods.filter(({ fired }) => fired > 0).map(({ method }) => method),
        [gone],
      );
      await writer.spares(`${gone} EIO`);
      await writer.fails(`${stays} EIO`);
      await supervisor.remove(first === 'one' ? 'two' : 'one');
      await writer.becomesBare();
    }));
}

test('other faults for the same volume move nobody', () =>
  onStage(async (stage) => {
    const { supervisor, writer, badWrites } = stage;
    await supervisor.apply('one', badWrites);
    await writer.fails('write EIO');
    const mount = writer.coverId;
    await supervisor.apply('one', { ...badWrites, document: badWrites.document.replace('write', 'fsync') });
    await writer.fails('fsync EIO');
    await writer.spares('write EIO');
    assert.equal(writer.coverId, mount);
    await eventually('they are counted', () => (stage.statusOf('one')?.counts.fired ?? 0) > 0);
  }));
