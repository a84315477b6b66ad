import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { DetachedOrdeal } from '../testing/detached-ordeal.js';
import { type DetachedStage, onDetachedStage } from '../testing/detached-stage.js';
import { eventually } from '../testing/eventually.js';
import type { HostWriter } from '../testing/host-writer.js';
import { ioChaos } from '../testing/ordeal-run.js';

interface Stage extends DetachedStage {
  /** Words that start a run called faults. */
  readonly start: readonly string[];
}

const onStage = (body: (stage: Stage) => Promise<void>) =>
  onDetachedStage(({ ordeal, writer }) => {
    const spec = `action: fault\nerrno: EIO\nmethods: [write]\npercent: 50\nvolumePath: '${writer.volume}'\n`;
    const file = ordeal.file(ioChaos(spec));
    const start = ['run', '--detach', file, '--pid', String(writer.pid), '--duration', '1h'];
    return body({ ordeal, writer, start });
  });

const fails = async (writer: HostWriter) => {
  writer.notes();
  await eventually('its writes fail', () => 'write EIO' in writer.notes());
};

test('kill -9 while a run is held: any command starts the next supervisor, with the same deadline', () =>
  onStage(async ({ ordeal, writer, start }) => {
    await ordeal.tell(...start);
    const [before] = await ordeal.list();
    for (const command of [['ps'], ['logs', 'faults']]) {
      await ordeal.killSupervisor();
      await ordeal.tell(...command);
      await fails(writer);
      const [now] = await ordeal.list();
      assert.deepEqual([now?.deadline, now?.since], [before?.deadline, before?.since]);
    }
    await ordeal.killSupervisor();
    await ordeal.tell('stop', 'faults');
    assert.match(await ordeal.tell('logs', 'faults'), /the supervisor died; its successor took over/);
  }));

test('kill -9 while it arms and while it takes back: who waits for the answer gets it from the next one', () =>
  onStage(async ({ ordeal, writer, start }) => {
    const starting = ordeal.begin(...start);
    await eventually('the run is on the disk', () => ordeal.entry('faults') !== '');
    await ordeal.killSupervisor();
    const started = await starting.said;
    assert.equal(started.code, 0, JSON.stringify(started));
    await fails(writer);
    const stopping = ordeal.begin('stop', 'faults');
    await eventually('its end is on the disk', () => ordeal.entry('faults').includes('"stopping"'));
    await ordeal.killSupervisor();
    const stopped = await stopping.said;
    assert.equal(stopped.code, 0, JSON.stringify(stopped));
    assert.equal((await ordeal.list())[0]?.ended?.reason, 'stopped');
  }));

test('kill -9 while somebody is attached: the next supervisor tells on', () =>
  onStage(async ({ ordeal, writer, start }) => {
    await ordeal.tell(...start);
    const attached = ordeal.begin('attach', 'faults');
    let shown = '';
    attached.child.stdout?.on('data', (data: Buffer) => {
      shown += data.toString();
    });
    await eventually('it shows the run', () => shown.includes('faults'));
    await ordeal.killSupervisor();
    await eventually('there is another supervisor', () => ordeal.supervisors().length > 0);
    await fails(writer);
    await ordeal.tell('stop', 'faults');
    const { code, out } = await attached.said;
    assert.equal(code, 0);
    assert.match(out, /\nlifted after .*, stopped: /);
  }));

test('clients that die at any moment, or talk nonsense, harm nobody', () =>
  onStage(async ({ ordeal, writer, start }) => {
    const first = ordeal.begin(...start);
    await eventually('the run is on the disk', () => ordeal.entry('faults') !== '');
    first.child.kill('SIGKILL');
    await fails(writer);
    const supervisor = await ordeal.onlySupervisor();
    const attached = ordeal.begin('attach', 'faults');
    await once(attached.child.stdout ?? attached.child, 'data');
    attached.child.kill('SIGKILL');
    for (const words of [
      '{"id":1,\n',
      '\n\n{"id":"x"}\n[]\n',
      '{"id":1,"request":"start"}\n',
      `${JSON.stringify({ id: 1, request: 'watch', name: 'faults' })}\n`.repeat(100),
    ]) {
      const socket = createConnection(join(ordeal.run, 'supervisor', 'socket'));
      await once(socket, 'connect');
      socket.write(words);
      await once(socket, 'data');
      socket.destroy();
    }
    // While a run is held, it has not ended by itself, and nobody had to start another one.
    assert.equal(await ordeal.onlySupervisor(), supervisor);
    const stopping = ordeal.begin('stop', 'faults');
    await eventually('its end is on the disk', () => ordeal.entry('faults').includes('"stopping"'));
    stopping.child.kill('SIGKILL');
    assert.match(await ordeal.tell('stop', 'faults'), /lifted after/);
  }));

test('terminals that ask at once start one supervisor, and get the same answers', () =>
  onStage(async ({ ordeal, start }) => {
    const started = await Promise.all([start, start, start].map((words) => ordeal.ask(...words)));
    assert.deepEqual(
      started.map(({ code }) => code),
      [0, 0, 0],
      JSON.stringify(started),
    );
    const outcomes = started.map(({ out }) => /^(\w+); /m.exec(out)?.[1]).toSorted();
    assert.deepEqual(outcomes, ['started', 'unchanged', 'unchanged']);
    await ordeal.onlySupervisor();
    const [one, other] = await Promise.all([ordeal.tell('stop', 'faults'), ordeal.tell('stop', 'faults')]);
    assert.equal(one, other);
  }));

test('a supervisor of another version is left alone, and the way out is told', async () => {
  const ordeal = new DetachedOrdeal();
  mkdirSync(join(ordeal.run, 'supervisor'));
  mkdirSync(join(ordeal.run, 'runs'));
  const server = createServer((socket) => socket.write('{"ordeal":"supervisor","protocol":99,"pid":4}\n'));
  try {
    server.listen(join(ordeal.run, 'supervisor', 'socket'));
    await once(server, 'listening');
    const said = await ordeal.ask('stop', 'faults');
    assert.equal(said.code, 1);
    assert.match(said.err, /\(process 4\) speaks protocol 99, this ordeal speaks 3 {2}\[ORD-857\]\n.*kill 4/);
  } finally {
    server.close();
    ordeal.close();
  }
});
