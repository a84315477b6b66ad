import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SYS } from '@ordeal/linux';
import { ContainerFiles, coversSeenBy, type WriterContainer } from '../testing/container-files.js';
import { Containerd } from '../testing/containerd.js';
import { eventually } from '../testing/eventually.js';
import { ioChaos, ioSchedule, OrdealRun, type SaidEvent } from '../testing/ordeal-run.js';
import { RuncContainer, type RuncOptions } from '../testing/runc-container.js';

const BAD_WRITES = 'action: fault\nerrno: EIO\nmethods: [write]\npercent: 50\nvolumePath: /data\n';

/** Its map and its log, and now and then the log once more. */
const MOVED = /\b[23] open files of 1 process moved/;

let number = 0;
const freshId = () => `ordeal-test-${process.pid}-${number++}`;

type Body<C> = (files: ContainerFiles, container: C) => Promise<void>;

async function running<C extends WriterContainer>(files: ContainerFiles, container: C, body: Body<C>) {
  container.start();
  try {
    await eventually('it writes', () => files.lines() > 10);
    files.notes();
    await body(files, container);
  } finally {
    container.kill();
    files.close();
  }
}

function withRunc(body: Body<RuncContainer>, options: Partial<RuncOptions> = {}): Promise<void> {
  const files = new ContainerFiles();
  return running(files, new RuncContainer(files, { id: freshId(), ...options }), body);
}

async function withContainerd(body: Body<WriterContainer>): Promise<void> {
  const containerd = await Containerd.start();
  try {
    const files = new ContainerFiles();
    await running(files, await containerd.container(files, freshId()), body);
  } finally {
    await containerd.close();
  }
}

/** Runs ordeal beside what `body` does, and fails where anything of it is left. */
async function during(run: OrdealRun, body: () => Promise<void>): Promise<void> {
  try {
    await body();
    await run.assertNothingLeft();
  } finally {
    run.close();
  }
}

/** Whether a process is in write(2). */
function isWriting(pid: number): boolean {
  return readFileSync(`/proc/${pid}/syscall`, 'utf8').startsWith(`${SYS.write} `);
}

/** It writes on, without faults, on its own file system. */
async function assertBare(files: ContainerFiles, { pid }: WriterContainer): Promise<void> {
  assert.deepEqual(coversSeenBy(pid), []);
  files.notes();
  const lines = files.lines();
  await eventually('it writes on', () => files.lines() > lines + 10);
  assert.deepEqual(files.notes(), {});
}

for (const [engine, within] of [
  ['runc', withRunc],
  ['containerd', withContainerd],
] as const) {
  test(`${engine}: an unprivileged user in its own namespaces, read-only root: faults come and go`, () =>
    within(async (files, container) => {
      const { id, pid } = container;
      const run = new OrdealRun(ioChaos(`${BAD_WRITES}duration: 1s`), ['--container', id]);
      await during(run, async () => {
        const armed = await run.told('armed');
        assert.match(String(armed.mechanism), MOVED);
        assert.equal(await run.ended, 0, run.text);
      });
      const [lifted] = run.all('lifted');
      assert.equal(lifted?.reason, 'duration');
      const { 'write EIO': failed = 0, ...others } = files.notes();
      assert.ok(failed > 0);
      assert.deepEqual(others, {});
      assert.equal((lifted?.counters as { fired: number } | undefined)?.fired, failed);
      assert.equal(container.pid, pid);
      await assertBare(files, container);
    }));

  test(`${engine}: a container that is started again meets the faults again`, () =>
    within(async (files, container) => {
      const run = new OrdealRun(ioChaos(BAD_WRITES), ['--container', container.id]);
      await during(run, async () => {
        await run.told('armed');
        await eventually('a fault', () => 'write EIO' in files.notes());
        for (let turn = 1; turn <= 2; turn++) {
          container.kill();
          await run.told('target-ended', turn);
          files.notes();
          container.start();
          const back = await run.told('target-back', turn);
          assert.deepEqual(back.experiments, ['faults']);
          assert.match(String(back.mechanism), MOVED);
          await eventually('a fault', () => 'write EIO' in files.notes());
        }
        assert.equal(coversSeenBy(container.pid).length, 1);
        run.signal('SIGINT');
        assert.equal(await run.ended, 0, run.text);
      });
      assert.equal(run.all('lifted')[0]?.reason, 'interrupted');
      assert.deepEqual(run.all('note'), []);
      await assertBare(files, container);
    }));
}

test('a container that does not come back: the run ends in time', () =>
  withRunc(async (files, container) => {
    const run = new OrdealRun(ioChaos(`${BAD_WRITES}duration: 3s`), ['--container', container.id]);
    await during(run, async () => {
      await run.told('armed');
      container.kill();
      await run.told('target-ended');
      assert.equal(await run.ended, 0, run.text);
    });
    assert.equal(run.all('lifted')[0]?.reason, 'duration');
    container.start();
    await assertBare(files, container);
  }));

test('a Schedule goes on while its container is away', () =>
  withRunc(async (files, container) => {
    const document = ioSchedule(`${BAD_WRITES}duration: 500ms`);
    const run = new OrdealRun(document, ['--container', container.id]);
    await during(run, async () => {
      await run.told('lifted');
      container.kill();
      await eventually('a start fails', () =>
        run.all('note').some(({ message }) => String(message).includes('is not started this time')),
      );
      container.start();
      const armed = run.all('armed').length;
      await run.told('armed', armed + 1);
      await run.told('lifted', armed + 1);
      run.signal('SIGINT');
      assert.equal(await run.ended, 0, run.text);
    });
    await assertBare(files, container);
  }));

test('a container that is being started again is left alone until its own program runs', () =>
  withRunc(async (files, container) => {
    const run = new OrdealRun(ioChaos(BAD_WRITES), ['--container', container.id]);
    await during(run, async () => {
      await run.told('armed');
      container.kill();
      await run.told('target-ended');
      container.create();
      await new Promise((resolve) => setTimeout(resolve, 1000));
      assert.deepEqual(coversSeenBy(container.pid), []);
      container.begin();
      await run.told('target-back');
      await eventually('a fault', () => 'write EIO' in files.notes());
      run.signal('SIGINT');
      assert.equal(await run.ended, 0, run.text);
    });
    await assertBare(files, container);
  }));

test('a container whose program waits in a delayed request is killed at once', () =>
  withRunc(async (files, container) => {
    const slow = 'action: latency\ndelay: 24h\nmethods: [write]\nvolumePath: /data';
    const run = new OrdealRun(ioChaos(slow), ['--container', container.id]);
    await during(run, async () => {
      await run.told('armed');
      await eventually('a delayed write', () => isWriting(container.pid));
      container.kill();
      await run.told('target-ended');
      run.signal('SIGTERM');
      assert.equal(await run.ended, 0, run.text);
    });
    container.start();
    await assertBare(files, container);
  }));

test('what enters the container meets the faults, and is not taken for it', () =>
  withRunc(async (files, container) => {
    const bad = 'action: fault\nerrno: ENOSPC\nmethods: [create]\nvolumePath: /data';
    const run = new OrdealRun(ioChaos(bad), ['--container', container.id]);
    await during(run, async () => {
      await run.told('armed');
      for (let turn = 0; turn < 5; turn++) {
        assert.throws(() => container.exec('touch', '/data/new'));
        assert.equal(container.exec('cat', '/data/log').split('\n')[0], '0');
      }
      run.signal('SIGINT');
      assert.equal(await run.ended, 0, run.text);
    });
    container.exec('touch', '/data/new');
    await assertBare(files, container);
  }));

test('chosen by labels and containerNames; found again in its pod under another id', async () => {
  const label = freshId();
  const annotations = (name: string) => ({
    app: label,
    'io.kubernetes.cri.sandbox-name': label,
    'io.kubernetes.cri.container-name': name,
  });
  const state = '/run/runc';
  const files = new ContainerFiles();
  const other = new RuncContainer(files, {
    id: freshId(),
    state,
    annotations: annotations('sidecar'),
    args: ['/bin/busybox', 'sleep', '100'],
  });
  other.start();
  try {
    await withRunc(
      async (files, container) => {
        const document = ioChaos(`${BAD_WRITES}containerNames: [app]`).replace(
          'app: writer',
          `app: ${label}`,
        );
        const run = new OrdealRun(document, ['--container', 'selector']);
        await during(run, async () => {
          const armed = await run.told('armed');
          assert.match(String(armed.targets), new RegExp(`container ${container.id} `));
          assert.deepEqual(coversSeenBy(other.pid), []);
          await eventually('a fault', () => 'write EIO' in files.notes());
          container.kill();
          await run.told('target-ended');
          const id = freshId();
          const successor = new RuncContainer(files, { id, state, annotations: annotations('app') });
          successor.start();
          try {
            const back = await run.told('target-back');
            assert.match(String(back.target), new RegExp(`container ${id} `));
            files.notes();
            await eventually('a fault', () => 'write EIO' in files.notes());
            run.signal('SIGINT');
            assert.equal(await run.ended, 0, run.text);
            await assertBare(files, successor);
          } finally {
            successor.kill();
          }
        });
      },
      { state, annotations: annotations('app') },
    );
  } finally {
    other.kill();
    files.close();
  }
});

test('by its cgroup; without a user namespace', () =>
  withRunc(
    async (files, container) => {
      const run = new OrdealRun(ioChaos(`${BAD_WRITES}duration: 1s`), ['--cgroup', container.id]);
      await during(run, async () => assert.equal(await run.ended, 0, run.text));
      assert.ok('write EIO' in files.notes());
      await assertBare(files, container);
    },
    { ownUsers: false },
  ));

test('the root of a container, its /proc, and what is not there are refused in words', () =>
  withRunc(async (files, container) => {
    for (const [path, code, words] of [
      ['/', 'ORD-117', /'\/' is the root directory/],
      ['/proc', 'ORD-117', /'\/proc' holds no files of a program/],
      ['/nowhere', 'ORD-753', /\/nowhere cannot be reached in process \d+: .*ENOENT/],
    ] as const) {
      const document = ioChaos(`action: fault\nerrno: 5\nvolumePath: ${path}`);
      const run = new OrdealRun(document, ['--container', container.id]);
      await during(run, async () => assert.equal(await run.ended, 1));
      const problems = run.all('problems').flatMap(({ problems }) => problems as SaidEvent[]);
      const [error] = [...problems, ...run.all('error')];
      assert.equal(error?.code, code);
      assert.match(String(error?.message), words);
    }
    await assertBare(files, container);
  }));
