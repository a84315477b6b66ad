import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Cover } from '@ordeal/cover';
import { cloneTree, leakedFds, O_PATH, openPath, traceFds } from '@ordeal/linux';
import { Move, processesSeeing, sameFilesBelow } from '@ordeal/move';
import { eventually, Puppet, pause, TwoMounts } from '@ordeal/move/testing';

const childrenOf = (pid: number) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

test('in user, pid and mount namespaces of its own: covered, moved, moved back, uncovered', async () => {
  const mounts = new TwoMounts();
  try {
    const socket = mounts.path('inner');
    const outer = mounts.start(
      ...['unshare', '--user', '--map-root-user', '--pid', '--fork', '--kill-child', '--mount'],
      ...['python3', mounts.fixture('puppet.py'), socket],
    );
    await eventually('it has a child', () => childrenOf(outer).length === 1);
    const [pid = 0] = childrenOf(outer);
    const puppet = await Puppet.connect(pid, socket);
    const data = mounts.path('old');
    await puppet.run(
      `f = os.open("${data}/a", os.O_RDWR | os.O_CREAT); os.write(f, b"one"); os.chdir("${data}")`,
    );
    assert.deepEqual(processesSeeing(pid), [outer, pid]);

    const other = openPath(mounts.path('files'), O_PATH);
    const mount = cloneTree(other);
    other.close();
    const cover = await Cover.place({ pid, path: data }, mount);
    const move = (from: number, to: number) => {
      const moving = new Move({
        from,
        openOnNewSide: sameFilesBelow(to),
        processes: () => processesSeeing(pid),
      });
      const report = moving.run();
      moving.close();
      assert.deepEqual(report.left, []);
      assert.deepEqual([report.processes[0]?.descriptors, report.processes[0]?.directories], [1, 1]);
    };
    const mountOf = (descriptor: string) =>
      Number(/^mnt_id:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, 'utf8'))?.[1]);
    const descriptor = String(await puppet.run('result = f'));
    const before = mountOf(descriptor);
    move(cover.origin.number, mount.number);
    assert.equal(mountOf(descriptor), cover.record.mounts[0]);
    await puppet.run('os.write(f, b"two"); open("b", "w").write("b")');
    move(mount.number, cover.origin.number);
    assert.equal(mountOf(descriptor), before);
    await cover.remove();
    cover.close();
    mount.close();
    assert.equal(await puppet.run('result = os.pread(f, 9, 0).decode() + open("b").read()'), 'onetwob');
    puppet.close();
  } finally {
    mounts.close();
  }
});

test('a process under strict seccomp is moved and not killed', async () => {
  const mounts = new TwoMounts();
  try {
    const pid = mounts.start(mounts.compile('sealed'), mounts.path('old', 'log'));
    await eventually('it writes', () => readdirSync(mounts.path('files')).includes('log'));
    for (const direction of ['there', 'back', 'there'] as const) {
      assert.deepEqual(mounts.run(direction).left, []);
      await pause(20);
    }
    assert.equal(readlinkSync(`/proc/${pid}/fd/3`), mounts.path('new', 'log'));
    const { size } = statSync(mounts.path('files', 'log'));
    await eventually('it still writes', () => statSync(mounts.path('files', 'log')).size > size);
  } finally {
    mounts.close();
  }
});

test('nothing is left behind: no descriptors here, none there, no memory', async () => {
  const mounts = new TwoMounts();
  try {
    const puppet = await mounts.startPuppet();
    await puppet.run(`f = os.open("${mounts.path('old')}/a", os.O_RDWR | os.O_CREAT); os.ftruncate(f, 8192)
m = mmap.mmap(f, 8192); os.chdir("${mounts.path('old')}")`);
    const state = () => ({
      here: readdirSync('/proc/self/fd').length,
      there: readdirSync(`/proc/${puppet.pid}/fd`),
      memory: readFileSync(`/proc/${puppet.pid}/maps`, 'utf8').split('\n').length,
      mask: /^SigBlk:.*$/m.exec(readFileSync(`/proc/${puppet.pid}/status`, 'utf8'))?.[0],
      limit: /^Max open files.*$/m.exec(readFileSync(`/proc/${puppet.pid}/limits`, 'utf8'))?.[0],
    });
    mounts.run('there');
    mounts.run('back');
    const before = state();
    traceFds();
    const open = leakedFds();
    for (const direction of ['there', 'back'] as const) assert.deepEqual(mounts.run(direction).left, []);
    assert.deepEqual(leakedFds(), open);
    assert.deepEqual(state(), before);
  } finally {
    mounts.close();
  }
});

test('a process that another program traces is left, and named in the plan', async () => {
  const mounts = new TwoMounts();
  try {
    const log = mounts.path('old', 'log');
    const pid = mounts.start('python3', '-c', `import time; f = open("${log}", "w"); time.sleep(100)`);
    await eventually('it has opened', () => readdirSync(mounts.path('files')).includes('log'));
    const tracer = mounts.start('strace', '-qq', '-o', '/dev/null', '-p', String(pid));
    const tracerOf = () => /^TracerPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    await eventually('it is traced', () => tracerOf() === String(tracer));
    const move = mounts.move('there', [pid]);
    const [planned] = move.plan().processes;
    assert.equal(planned?.refused, `is traced by process ${tracer}`);
    const report = move.run();
    move.close();
    assert.equal(report.passes, 0);
    assert.deepEqual(report.left, [
      {
        pid,
        what: 'descriptor 3 (log)',
        reason: `is traced by process ${tracer}`,
      },
    ]);
    assert.equal(readlinkSync(join('/proc', String(pid), 'fd/3')), log);
  } finally {
    mounts.close();
  }
});
