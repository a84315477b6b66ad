import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ContainerFiles, coversSeenBy } from '../testing/container-files.js';
import { eventually } from '../testing/eventually.js';
import { HostWriter } from '../testing/host-writer.js';
import { ioChaos, ioSchedule, OrdealRun } from '../testing/ordeal-run.js';
import { RuncContainer } from '../testing/runc-container.js';

const badWrites = (volume: string, more = '') =>
  `action: fault\nerrno: 5\nmethods: [write]\npercent: 50\nvolumePath: '${volume}'\n${more}`;

/** Ordeal in a mount namespace of its own: its commands see the faults, and nobody else on this host does. */
const APART = ['unshare', '--mount', '--propagation', 'private'];
/** A host with cgroup v1 alone. */
const WITHOUT_CGROUP2 = [
  ...APART,
  ...['sh', '-c', `umount $(awk '$3 == "cgroup2" { print $2 }' /proc/self/mounts) && exec "$@"`, 'sh'],
];

async function withDirectory(body: (volume: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'ordeal-foreground-'));
  const volume = join(directory, 'volume');
  mkdirSync(volume);
  try {
    await body(volume);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function closing(run: OrdealRun, body: () => Promise<void>): Promise<void> {
  try {
    await body();
    await run.assertNothingLeft();
  } finally {
    run.close();
  }
}

const typesOf = (run: OrdealRun) => run.events.map(({ type }) => type).filter((type) => type !== 'counters');

test('a Schedule: faults come and go at its times, until Ctrl-C', async () => {
  const writer = new HostWriter();
  const document = ioSchedule(badWrites(writer.volume, 'duration: 500ms'));
  const run = new OrdealRun(document, ['--pid', String(writer.pid)]);
  try {
    await closing(run, async () => {
      for (let turn = 1; turn <= 2; turn++) {
        await run.told('armed', turn);
        await eventually('a fault', () => 'write EIO' in writer.notes());
        const lifted = await run.told('lifted', turn);
        assert.deepEqual([lifted.experiment, lifted.reason], ['now-and-then', 'duration']);
      }
      assert.ok(run.all('scheduled').length >= 2);
      run.signal('SIGINT');
      assert.equal(await run.ended, 0, run.text);
    });
    await writer.assertBare();
  } finally {
    writer.close();
  }
});

for (const [name, wrapper] of [
  ['with cgroup v2', APART],
  ['with cgroup v1 alone', WITHOUT_CGROUP2],
] as const) {
  test(`a command meets faults from its first instruction, and its exit code is passed on (${name})`, () =>
    withDirectory(async (volume) => {
      writeFileSync(join(volume, 'kept'), 'kept');
      const script = 'cd "$0"; cat kept && exit 3; echo new >file || exit 4; exit 7';
      const spec = `action: fault\nerrno: 117\nmethods: [read]\nvolumePath: '${volume}'`;
      const run = new OrdealRun(ioChaos(spec), ['--', 'sh', '-c', script, volume], wrapper);
      await closing(run, async () => assert.equal(await run.ended, 7, run.text));
      assert.deepEqual(
        typesOf(run).filter((type) => type !== 'note'),
        [
          'command-started',
          'arming',
          'armed',
          'run-started',
          'lifted',
          'processes-ended',
          'kernel-log-clean',
          'command-ended',
          'run-ended',
        ],
      );
      const [lifted] = run.all('lifted');
      assert.equal(lifted?.reason, 'command ended');
      assert.match(run.text, /Structure needs cleaning/);
    }));

  test(`faults end at --duration and the command goes on; Ctrl-C reaches it (${name})`, () =>
    withDirectory(async (volume) => {
      const ready = join(volume, 'ready');
      const script = `trap 'exit 9' INT; until echo x >"${ready}"; do sleep 0.05; done 2>/dev/null; while :; do sleep 0.1; done`;
      const spec = `action: fault\nerrno: 5\nmethods: [write, create, open]\nvolumePath: '${volume}'`;
      const run = new OrdealRun(ioChaos(spec), ['--duration', '1s', '--', 'sh', '-c', script], wrapper);
      await closing(run, async () => {
        const lifted = await run.told('lifted');
        assert.equal(lifted.reason, 'duration');
        assert.deepEqual(run.all('command-ended'), []);
        // The command sees its own directory only, in which it can write now.
        await new Promise((resolve) => setTimeout(resolve, 1000));
        run.signal('SIGINT');
        assert.equal(await run.ended, 9, run.text);
        const notes = run.all('note').map(({ message }) => message);
        assert.ok(
          notes.includes('SIGINT was sent to the command, waiting for it to end; it is killed after 5 s'),
        );
      });
    }));
}

test('events alone are on the standard output, and a run that must meet faults fails without any', () =>
  withDirectory(async (volume) => {
    const spec = `action: fault\nerrno: 5\nmethods: [write]\nvolumePath: '${volume}'`;
    const flags = ['--require-faults', '--', 'sh', '-c', 'echo {}; exit 0'];
    const run = new OrdealRun(ioChaos(spec), flags, APART);
    await closing(run, async () => assert.equal(await run.ended, 4, run.text));
    assert.match(run.text, /^\{\}$/m);
    assert.ok(run.events.every(({ type }) => typeof type === 'string'));
    assert.deepEqual(run.all('run-ended'), [{ ...run.all('run-ended')[0], faults: 0, exitCode: 4 }]);
  }));

test('a command that does not exist is refused before anything is armed', () =>
  withDirectory(async (volume) => {
    const spec = `action: fault\nerrno: 5\nvolumePath: '${volume}'`;
    const run = new OrdealRun(ioChaos(spec), ['--', join(volume, 'missing')], APART);
    await closing(run, async () => assert.equal(await run.ended, 1, run.text));
    assert.deepEqual(typesOf(run), ['error']);
    assert.equal(run.all('error')[0]?.code, 'ORD-303');
  }));

test('a cgroup of version 1, with version 2 beside it and without', async () => {
  const writer = new HostWriter();
  const cgroup = `/sys/fs/cgroup/pids/ordeal-test-${process.pid}`;
  mkdirSync(cgroup);
  try {
    writeFileSync(join(cgroup, 'cgroup.procs'), String(writer.pid));
    for (const wrapper of [[], WITHOUT_CGROUP2]) {
      const document = ioChaos(badWrites(writer.volume, 'duration: 1s'));
      const run = new OrdealRun(document, ['--cgroup', cgroup], wrapper);
      await closing(run, async () => assert.equal(await run.ended, 0, run.text));
      assert.ok('write EIO' in writer.notes());
      await writer.assertBare();
    }
    const relative = new OrdealRun(ioChaos(badWrites(writer.volume)), ['--cgroup', 'a/b'], WITHOUT_CGROUP2);
    await closing(relative, async () => assert.equal(await relative.ended, 1));
    assert.equal(relative.all('error')[0]?.code, 'ORD-304');
  } finally {
    writer.close();
    await eventually('the cgroup is empty', () => {
      try {
        rmdirSync(cgroup);
        return true;
      } catch {
        return false;
      }
    });
  }
});

test('a container on a host with cgroup v1 alone', async () => {
  const files = new ContainerFiles();
  const container = new RuncContainer(files, { id: `ordeal-test-${process.pid}-v1` });
  container.start();
  try {
    await eventually('it writes', () => files.lines() > 10);
    const run = new OrdealRun(ioChaos(badWrites('/data')), ['--container', container.id], WITHOUT_CGROUP2);
    await closing(run, async () => {
      await run.told('armed');
      container.kill();
      await run.told('target-ended');
      container.start();
      await run.told('target-back');
      files.notes();
      await eventually('a fault', () => 'write EIO' in files.notes());
      run.signal('SIGINT');
      assert.equal(await run.ended, 0, run.text);
    });
    assert.deepEqual(coversSeenBy(container.pid), []);
  } finally {
    container.kill();
    files.close();
  }
});

test('the third fsync of a file fails, once', () =>
  withDirectory(async (volume) => {
    const fields = `action: fault\nerrno: EIO\nmethods: [fsync]\nafter: 2\ntimes: 1\nvolumePath: '${volume}'\n`;
    const script = 'for i in 1 2 3 4 5; do sync "$0/log" || echo "$i" >>"$0/failed"; done';
    const run = new OrdealRun(
      ioChaos(fields, 'third'),
      ['--', 'sh', '-c', `>"$0/log"; ${script}`, volume],
      APART,
    );
    await closing(run, async () => assert.equal(await run.ended, 0, run.text));
    assert.equal(readFileSync(join(volume, 'failed'), 'utf8'), '3\n');
    const [lifted] = run.all('lifted');
    assert.equal(lifted?.match, 3);
  }));

test('--events tells each I/O fault: what was done, to which bytes of which file, and who asked', () =>
  withDirectory(async (volume) => {
    const bad = `action: fault\nerrno: 5\nmethods: [write]\nvolumePath: '${volume}'\npath: '${volume}/log'\n`;
    const slow = `action: latency\ndelay: 20ms\nmethods: [mkdir]\nvolumePath: '${volume}'\n`;
    const documents = `${ioChaos(bad, 'bad')}---\n${ioChaos(slow, 'slow')}`;
    const script = 'cd "$0"; echo fine >other; echo ab >log; mkdir sub';
    const run = new OrdealRun(documents, ['--events', '--', 'sh', '-c', script, volume], APART);
    await closing(run, async () => assert.equal(await run.ended, 0, run.text));
    const [write, mkdir, ...more] = run.all('io-fault');
    assert.deepEqual(more, []);
    assert.ok(write && mkdir);
    const { pid } = await run.told('command-started');
    const { at, ...first } = write;
    assert.ok(Number.isFinite(Date.parse(String(at))));
    assert.deepEqual(first, {
      type: 'io-fault',
      experiment: 'bad',
      match: 1,
      action: 'fault',
      method: 'write',
      path: 'log',
      offsetBytes: 0,
      sizeBytes: 3,
      process: pid,
      thread: pid,
      command: 'sh',
      errno: 'EIO',
    });
    const { experiment, action, method, path, command, delayMs } = mkdir;
    assert.deepEqual(
      [experiment, action, method, path, command, delayMs],
      ['slow', 'latency', 'mkdir', 'sub', 'mkdir', 20],
    );
    const types = run.events.map(({ type }) => type);
    assert.ok(types.lastIndexOf('io-fault') < types.indexOf('lifted'));
  }));
