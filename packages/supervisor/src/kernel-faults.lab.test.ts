import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { cgroup2Root, leakedFds, traceFds } from '@ordeal/linux';
import { Supervisor } from './supervisor.js';
import { kernelChaos } from './testing/documents.js';
import { eventually } from './testing/eventually.js';

traceFds();
after(() => assert.deepEqual(leakedFds(), []));

test('kernel faults: held, paused, moved to a new cgroup of the same name, and continued', async () => {
  const runDirectory = mkdtempSync(join(tmpdir(), 'ordeal-held-'));
  const name = `ordeal-supervised-${process.pid}`;
  const cgroup = join(cgroup2Root() ?? '', name);
  /** Whether mount(2) fails in the cgroup because of the faults. */
  const fails = () => {
    const script = `echo $$ >${cgroup}/cgroup.procs && mount -t tmpfs none /nonexistent 2>&1`;
    return /memory/i.test(spawnSync('sh', ['-c', script], { encoding: 'utf8' }).stdout);
  };
  const remove = () =>
    eventually('the cgroup is empty', () => {
      try {
        rmdirSync(cgroup);
        return true;
      } catch {
        return false;
      }
    });
  const document = kernelChaos({ failtype: 0, callchain: [{ funcname: '__x64_sys_mount' }] });
  const applied = {
    document,
    target: { kind: 'cgroup', path: name },
    deadline: Date.now() + 3_600_000,
  } as const;
  mkdirSync(cgroup);
  let supervisor = await Supervisor.open(runDirectory);
  const phase = () => supervisor.list()[0]?.phase;
  try {
    assert.equal(fails(), false);
    await supervisor.apply('one', applied);
    await eventually('it is armed', () => phase() === 'active');
    assert.equal(fails(), true);
    await supervisor.apply('one', { ...applied, paused: true });
    await eventually('it is paused', () => phase() === 'paused');
    assert.equal(fails(), false);
    await supervisor.apply('one', applied);
    await eventually('it goes on', () => phase() === 'active');
    assert.equal(fails(), true);
    const before = supervisor.list()[0]?.identity;
    await remove();
    await eventually('it waits', () => phase() === 'waiting');
    mkdirSync(cgroup);
    await eventually('it is armed again', () => phase() === 'active');
    assert.notEqual(supervisor.list()[0]?.identity, before);
    assert.equal(fails(), true);
    await supervisor.close();
    assert.equal(fails(), false);
    supervisor = await Supervisor.open(runDirectory);
    await eventually('the next one has armed it', () => phase() === 'active');
    assert.equal(fails(), true);
    const last = await supervisor.remove('one');
    assert.ok((last?.counts.kernel.fired ?? 0) > 0);
    assert.equal(fails(), false);
  } finally {
    await supervisor.close();
    await remove();
    rmSync(runDirectory, { recursive: true });
  }
});
