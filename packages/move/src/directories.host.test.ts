import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { TwoMounts } from './testing/two-mounts.js';

test('the working directory moves, also of a thread that has its own, and one that is deleted', async () => {
  const mounts = new TwoMounts();
  try {
    const puppet = await mounts.startPuppet();
    await puppet.run(`
old = ${JSON.stringify(mounts.path('old'))}
os.makedirs(old + "/a/b"); os.mkdir(old + "/deleted"); os.chdir(old + "/a")
ready, go, done = threading.Event(), threading.Event(), threading.Event(); seen = []
def apart():
    assert libc.unshare(0x200) == 0
    os.chdir(old + "/a/b"); ready.set(); go.wait(); seen.append(os.readlink("/proc/thread-self/cwd")); done.set()
threading.Thread(target=apart, daemon=True).start(); ready.wait()
`);
    const gone = await mounts.startPuppet();
    await gone.run(`os.chdir(${JSON.stringify(mounts.path('old', 'deleted'))}); os.rmdir(os.getcwd())`);
    const report = mounts.run('there');
    assert.deepEqual(report.left, []);
    assert.deepEqual(
      report.processes.map(({ directories }) => directories),
      [2, 1],
    );
    assert.equal(readlinkSync(`/proc/${puppet.pid}/cwd`), mounts.path('new', 'a'));
    assert.deepEqual(await puppet.run('go.set(); done.wait(); open("x", "w"); result = seen'), [
      mounts.path('new', 'a', 'b'),
    ]);
    assert.equal(readlinkSync(`/proc/${gone.pid}/cwd`), `${mounts.path('new', 'deleted')} (deleted)`);
  } finally {
    mounts.close();
  }
});

test('the root directory moves, and the working directory stays where it was', async () => {
  const mounts = new TwoMounts();
  try {
    const puppet = await mounts.startPuppet();
    await puppet.run(`
old = ${JSON.stringify(mounts.path('old'))}
os.makedirs(old + "/jail/home"); open(old + "/jail/inside", "w"); os.chdir("/tmp"); os.chroot(old + "/jail")
`);
    assert.deepEqual(mounts.run('there').left, []);
    assert.equal(readlinkSync(`/proc/${puppet.pid}/root`), mounts.path('new', 'jail'));
    assert.equal(readlinkSync(`/proc/${puppet.pid}/cwd`), '/tmp');
    assert.deepEqual(await puppet.run('result = os.listdir("/")'), ['inside', 'home'].sort().reverse());
    await puppet.run('os.chdir("/home")');
    assert.deepEqual(mounts.run('back').left, []);
    assert.equal(readlinkSync(`/proc/${puppet.pid}/root`), mounts.path('old', 'jail'));
    assert.equal(readlinkSync(`/proc/${puppet.pid}/cwd`), mounts.path('old', 'jail', 'home'));
  } finally {
    mounts.close();
  }
});

test('a process that may not change its root keeps it, and that is said', async () => {
  const mounts = new TwoMounts();
  try {
    const puppet = await mounts.startPuppet();
    await puppet.run(`
old = ${JSON.stringify(mounts.path('old'))}
os.chmod(old, 0o755); os.chdir(old); os.chroot(old); os.setgid(65534); os.setuid(65534)
`);
    const move = mounts.move('there');
    const [planned] = move.plan().processes;
    move.close();
    assert.deepEqual(planned?.directories, ['the working directory']);
    assert.deepEqual(planned?.left, [
      { what: 'the root directory', reason: 'may not be changed by its process, which lacks CAP_SYS_CHROOT' },
    ]);
    mounts.run('there');
    assert.equal(readlinkSync(`/proc/${puppet.pid}/root`), mounts.path('old'));
    assert.equal(readlinkSync(`/proc/${puppet.pid}/cwd`), mounts.path('new'));
  } finally {
    mounts.close();
  }
});
