import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogEvent, RunStatus } from '@ordeal/supervisor';
import { type DetachedStage, onDetachedStage } from '../testing/detached-stage.js';
import { eventually } from '../testing/eventually.js';
import { HostWriter } from '../testing/host-writer.js';
import { ioChaos, ioSchedule } from '../testing/ordeal-run.js';

const badWrites = (volume: string, more = '') =>
  `action: fault\nerrno: EIO\nmethods: [write]\npercent: 50\nvolumePath: '${volume}'\n${more}`;

interface Stage extends DetachedStage {
  readonly pid: string;
}

const onStage = (body: (stage: Stage) => Promise<void>) =>
  onDetachedStage(({ ordeal, writer }) => body({ ordeal, writer, pid: String(writer.pid) }));

const fails = async (writer: HostWriter, how = 'write EIO') => {
  writer.notes();
  await eventually(how, () => how in writer.notes());
};

test('a run outlives its command: listed, paused, resumed, stopped, and its log is kept', () =>
  onStage(async ({ ordeal, writer, pid }) => {
    const file = ordeal.file(ioChaos(badWrites(writer.volume)));
    assert.equal(await ordeal.tell('ps'), 'no detached runs\n');
    assert.deepEqual(ordeal.supervisors(), []);
    const started = await ordeal.tell('run', '--detach', file, '--pid', pid);
    assert.match(started, /^faults {3}active for pid \d+\n {2}write under \S+ fails with EIO\nstarted; /);
    await fails(writer);
    const table = await ordeal.tell('ps');
    assert.match(
      table,
      /^NAME +FAULTS +TARGET +STATE +AGE +LEFT +FIRED\nfaults +write under .* EIO +pid \d+ +active +\d/,
    );
    assert.match(await ordeal.tell('pause', 'faults'), /^faults {3}paused for pid/);
    await writer.assertBare();
    assert.match(await ordeal.tell('resume', '--all'), /^faults {3}active for pid/);
    await fails(writer);
    const summary = await ordeal.tell('stop', 'faults');
    assert.match(
      summary,
      /^faults {3}lifted after [^:]+, stopped: [1-9][\d ]* faults?\n {2}write [\d ]+ of [\d ]+\n/,
    );
    await writer.assertBare();
    const log = (await ordeal.tell('logs', 'faults', '--json')).trimEnd().split('\n');
    const types = log.map((line) => JSON.parse(line) as LogEvent).map(({ type }) => type);
    assert.deepEqual(
      types.filter((type) => type !== 'injection'),
      ['started', 'paused', 'resumed', 'stopping', 'ended'],
    );
    // Half of the writes failed, chosen by a seed.
    const again = / {3}started; to repeat it: sudo ordeal (run \S+ --detach --pid \d+ --seed \d+)\n/;
    const [, repeat = ''] = again.exec(await ordeal.tell('logs', 'faults')) ?? [];
    assert.equal(await ordeal.tell('ps'), 'no detached runs\n');
    assert.equal((await ordeal.list())[0]?.state, 'ended');
    // What has ended stays so, and says the same again.
    assert.equal(await ordeal.tell('stop', 'faults'), summary);
    assert.match(await ordeal.tell(...repeat.split(' ')), /\nstarted; /);
    await ordeal.tell('stop', 'faults');
    assert.ok((await ordeal.tell('logs', 'faults')).includes(repeat));
  }));

test('attach shows it until its end, and its deadline ends it', () =>
  onStage(async ({ ordeal, writer, pid }) => {
    const file = ordeal.file(ioChaos(badWrites(writer.volume)));
    await ordeal.tell('run', '--detach', '--name', 'short', file, '--pid', pid, '--duration', '4s');
    const said = await ordeal.ask('attach', 'short', '--json');
    assert.equal(said.code, 0, said.err);
    const lines = said.out.trimEnd().split('\n');
    const events = lines.map((line) => JSON.parse(line) as { type: string; run?: RunStatus });
    assert.equal(events[0]?.type, 'status');
    assert.equal(events.at(-1)?.type, 'status');
    assert.equal(events.at(-1)?.run?.ended?.reason, 'deadline');
    assert.match(await ordeal.tell('attach', 'short'), /^short {3}ended for pid .*\n.*\nlifted after /);
  }));

test('attach lets go at Ctrl-C, and ends with 3 where the target ended before its time', () =>
  onStage(async ({ ordeal }) => {
    const victim = new HostWriter();
    try {
      const file = ordeal.file(ioChaos(badWrites(victim.volume)));
      const flags = ['--pid', String(victim.pid), '--duration', '1h'];
      await ordeal.tell('run', '--detach', file, ...flags);
      const first = ordeal.begin('attach', 'faults');
      let shown = '';
      first.child.stdout?.on('data', (data: Buffer) => {
        shown += data.toString();
      });
      await eventually('it shows the run', () => shown.includes('faults'));
      first.child.kill('SIGINT');
      const { code, out } = await first.said;
      assert.equal(code, 0);
      assert.match(out, /detached: faults continues; ordeal stop faults ends it\n$/);
      const second = ordeal.begin('attach', 'faults');
      victim.close();
      assert.equal((await second.said).code, 3);
    } finally {
      victim.close();
    }
  }));

test('the same name again changes the run, and only for the same target', () =>
  onStage(async ({ ordeal, writer, pid }) => {
    const file = ordeal.file(ioChaos(badWrites(writer.volume)));
    const start = ['run', '--detach', file, '--pid', pid];
    await ordeal.tell(...start);
    assert.match(await ordeal.tell(...start), /\nunchanged; /);
    assert.equal((await ordeal.list())[0]?.deadline, undefined);
    ordeal.file(ioChaos(badWrites(writer.volume).replace('[write]', '[open]')));
    assert.match(await ordeal.tell(...start, '--duration', '1h'), /, (1 h|59 min .*) left\n.*\nupdated; /);
    await fails(writer, 'open EIO');
    assert.ok(((await ordeal.list())[0]?.deadline ?? 0) > Date.now());
    const other = await ordeal.ask('run', '--detach', file, '--pid', String(process.pid));
    assert.equal(other.code, 1);
    assert.match(other.err, /for another target {2}\[ORD-858\]\n.*--name/);
    await ordeal.tell('stop', '--all');
  }));

test('a Schedule is started at its times', () =>
  onStage(async ({ ordeal, writer, pid }) => {
    const file = ordeal.file(ioSchedule(badWrites(writer.volume, 'duration: 500ms')));
    await ordeal.tell('run', '--detach', file, '--pid', pid);
    await fails(writer);
    await eventually('its first time is over', () => /"fired":[1-9]/.test(ordeal.entry('now-and-then')));
    await fails(writer);
    const [run] = await ordeal.list();
    assert.ok(run?.next !== undefined);
    assert.match(await ordeal.tell('stop', 'now-and-then'), /, stopped: [1-9][\d ]* faults?\n/);
  }));

test('what cannot be done is said, and holds nothing', () =>
  onStage(async ({ ordeal, writer, pid }) => {
    const file = ordeal.file(ioChaos(badWrites(writer.volume)));
    const refused = async (words: readonly string[], code: number, text: RegExp) => {
      const said = await ordeal.ask(...words);
      assert.equal(said.code, code, JSON.stringify(said));
      assert.match(said.err, text);
    };
    await refused(['run', '--detach', file, '--', 'true'], 2, /takes no command.*ORD-901/);
    await refused(['run', '--detach', file, '--pid', pid, '--before', '1s'], 2, /--before is for runs/);
    await refused(['run', file, '--pid', pid, '--name', 'x'], 2, /--name is for detached runs/);
    await refused(['run', '--detach', file, '--pid', pid, '--name', '../x'], 1, /'\.\.\/x' cannot be.*858/);
    await refused(['run', '--detach', file, '--cgroup', 'not/there'], 1, /ORD-302/);
    const nowhere = ordeal.file(ioChaos(badWrites('/nowhere')), 'nowhere.yaml');
    await refused(['run', '--detach', nowhere, '--pid', pid], 1, /ORD-753/);
    await refused(['stop'], 2, /names of runs, or --all/);
    await ordeal.tell('run', '--detach', file, '--pid', pid);
    await refused(['pause', 'fault'], 1, /No run is called 'fault'.*ORD-856.*\n {2}Did you mean faults\?/);
    assert.deepEqual(
      (await ordeal.list()).map(({ name }) => name),
      ['faults'],
    );
    await ordeal.tell('stop', 'faults');
  }));
