import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseRecord, type Recording } from '@ordeal/node';
import { type DetachedStage, onDetachedStage } from '../testing/detached-stage.js';
import { eventually } from '../testing/eventually.js';
import { ioChaos, type SaidEvent } from '../testing/ordeal-run.js';

interface Stage extends DetachedStage {
  readonly record: string;
  /** Words that start a recorded run called faults. */
  readonly start: readonly string[];
}

const onStage = (body: (stage: Stage) => Promise<void>) =>
  onDetachedStage(({ ordeal, writer }) => {
    const record = join(ordeal.directory, 'run.jsonl');
    const spec = `action: fault\nerrno: EIO\nmethods: [write]\npercent: 30\nvolumePath: '${writer.volume}'\n`;
    const file = ordeal.file(ioChaos(spec));
    const start = ['run', '--detach', file, '--pid', String(writer.pid), '--record', record];
    return body({ ordeal, writer, record, start });
  });

const faultLines = (path: string) => {
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  return lines.filter((line) => line.startsWith('{"type":"io-fault"')).length;
};

/** Waits until so many more faults are in a file. */
async function recorded(path: string, more: number): Promise<void> {
  const before = faultLines(path);
  await eventually(`${more} more faults are recorded`, () => faultLines(path) >= before + more);
}

/** Reads a record without errors. @param codes of its warnings */
function read(path: string, codes: readonly string[] = []): Recording {
  const { recording, problems } = parseRecord(readFileSync(path, 'utf8'), path);
  assert.deepEqual(
    problems.map(({ code }) => code),
    codes,
  );
  assert.ok(recording);
  return recording;
}

/** Each fault of the run is in its record once. */
function assertWhole({ faults, missesFaults }: Recording, fired: number | undefined): void {
  const matches = faults.map(({ match }) => match);
  assert.equal(new Set(matches).size, matches.length);
  assert.deepEqual([matches.length, missesFaults], [fired, false]);
}

/** Plays a record until each of its faults has happened again, and Ctrl-C ends it. */
async function replay({ ordeal, writer, record }: Stage): Promise<void> {
  const { child, said } = ordeal.begin('replay', record, '--pid', String(writer.pid), '--events', '--json');
  const copy = `${record}.replayed`;
  let text = '';
  child.stdout?.on('data', (data: Buffer) => {
    text += data.toString();
    writeFileSync(copy, text);
  });
  await eventually('all faults happen again', () => faultLines(copy) >= faultLines(record));
  child.kill('SIGINT');
  const { code, out, err } = await said;
  assert.equal(code, 0, err);
  const events = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as SaidEvent);
  const result = events.find(({ type }) => type === 'replay');
  assert.deepEqual([result?.same, result?.missing, result?.extra], [true, 0, 0]);
}

test('a recorded run is replayed: the same n-th request meets the same fault', () =>
  onStage(async (stage) => {
    const { ordeal, writer, record, start } = stage;
    await ordeal.tell(...start);
    await recorded(record, 20);
    await ordeal.tell('stop', 'faults');
    const [run] = await ordeal.list();
    assert.equal(run?.record, record);
    const recording = read(record);
    assertWhole(recording, run?.fired);
    assert.equal(recording.exitCode, 0);
    assert.deepEqual(recording.header.flags, { pid: String(writer.pid) });
    const again = `; to repeat it: sudo ordeal replay ${record} --pid ${writer.pid}\n`;
    assert.ok((await ordeal.tell('logs', 'faults')).includes(again));
    await writer.assertBare();
    await replay(stage);
  }));

test('kill -9 of the supervisor leaves a record that is read up to there, and the next one goes on', () =>
  onStage(async (stage) => {
    const { ordeal, record, start, writer } = stage;
    await ordeal.tell(...start);
    for (let round = 0; round < 3; round++) {
      await recorded(record, 20);
      await ordeal.killSupervisor();
      assert.ok(read(record, ['ORD-906']).faults.length > 0);
      await ordeal.tell('ps');
    }
    await recorded(record, 20);
    await ordeal.tell('stop', 'faults');
    const [run] = await ordeal.list();
    assertWhole(read(record), run?.fired);
    await writer.assertBare();
    await replay(stage);
  }));

test('a record that cannot be written any more is reported, and the run goes on', () =>
  onStage(async ({ ordeal, writer, record, start }) => {
    await ordeal.tell(...start);
    await recorded(record, 1);
    await ordeal.killSupervisor();
    rmSync(record);
    await ordeal.tell('ps');
    await eventually('it is told', () => ordeal.entry('faults').includes('"unrecorded"'));
    writer.notes();
    await eventually('its writes fail', () => 'write EIO' in writer.notes());
    assert.match(await ordeal.tell('logs', 'faults'), /not recorded any more: .*ENOENT {2}\[ORD-902\]/);
    await ordeal.tell('stop', 'faults');
    const [run] = await ordeal.list();
    assert.equal(run?.unrecorded?.code, 'ORD-902');
    assert.equal(existsSync(record), false);
  }));

test('what cannot be recorded is refused before anything is touched', () =>
  onStage(async ({ ordeal, record, start }) => {
    const refused = async (words: readonly string[], code: number, text: RegExp) => {
      const said = await ordeal.ask(...words);
      assert.equal(said.code, code, JSON.stringify(said));
      assert.match(said.err, text);
    };
    const into = (path: string, words = start) => [...words.slice(0, -1), path];
    await refused(into('/nonexistent/run.jsonl'), 1, /ORD-902/);
    await refused(into(ordeal.directory), 1, /ORD-902/);
    // Only the supervisor finds out.
    await refused(into('/proc/run.jsonl'), 1, /cannot be written: ENOENT {2}\[ORD-902\]/);
    assert.deepEqual(await ordeal.list(), []);
    const kernel = 'spec: { mode: one, selector: {}, failKernRequest: { failtype: 0 } }';
    const head = 'apiVersion: chaos-mesh.org/v1alpha1\nkind: KernelChaos\nmetadata: { name: slab }\n';
    const slab = ordeal.file(`${head}${kernel}\n`, 'slab.yaml');
    await refused(['run', '--detach', slab, ...start.slice(3)], 2, /slab is a KernelChaos {2}\[ORD-901\]/);
    await ordeal.tell(...start);
    await recorded(record, 1);
    await refused(['pause', 'faults'], 1, /is being recorded and cannot be paused {2}\[ORD-858\]/);
    await refused([...start, '--duration', '1h'], 1, /cannot be changed {2}\[ORD-858\]/);
    await refused([...start, '--name', 'twin'], 1, /The run faults is being recorded in .*ORD-858/);
    assert.match(await ordeal.tell(...start), /\nunchanged; /);
    await ordeal.tell('stop', 'faults');
    assert.equal(read(record).exitCode, 0);
  }));
