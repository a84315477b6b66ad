import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { cgroup2Root } from '@ordeal/linux';
import { DetachedOrdeal } from '../testing/detached-ordeal.js';
import { eventually } from '../testing/eventually.js';

const DOCUMENT = `apiVersion: chaos-mesh.org/v1alpha1
kind: KernelChaos
metadata: { name: no-mounts }
spec:
  mode: one
  selector: { labelSelectors: { app: web } }
  failKernRequest: { failtype: 0, callchain: [{ funcname: __x64_sys_mount }] }
`;

test('kernel faults are held without a terminal, end with the supervisor, and are armed again by the next', async () => {
  const ordeal = new DetachedOrdeal();
  const name = `ordeal-detached-${process.pid}`;
  const cgroup = join(cgroup2Root() ?? '', name);
  /** Whether mount(2) fails in the cgroup as the faults make it fail. */
  const fails = () => {
    const script = `echo $$ >${cgroup}/cgroup.procs && mount -t tmpfs none /nonexistent 2>&1`;
    return /memory/i.test(spawnSync('sh', ['-c', script], { encoding: 'utf8' }).stdout);
  };
  mkdirSync(cgroup);
  try {
    const file = ordeal.file(DOCUMENT);
    const started = await ordeal.tell('run', '--detach', file, '--cgroup', name, '--duration', '1h');
    assert.match(started, /slab allocations under __x64_sys_mount fail with ENOMEM/);
    assert.equal(fails(), true);
    await ordeal.tell('pause', 'no-mounts');
    assert.equal(fails(), false);
    await ordeal.tell('resume', 'no-mounts');
    assert.equal(fails(), true);
    const [before] = await ordeal.list();
    await ordeal.killSupervisor();
    assert.equal(fails(), false);
    await ordeal.tell('ps');
    await eventually('they are armed again', fails);
    assert.equal((await ordeal.list())[0]?.deadline, before?.deadline);
    const summary = await ordeal.tell('stop', 'no-mounts');
    assert.match(
      summary,
      /^no-mounts {3}lifted after .*, stopped: [1-9]\d* faults?\n {2}fault point reached/,
    );
    assert.match(summary, /^ +\d+ × {2}__x64_sys_mount < /m);
    assert.equal(fails(), false);
    await ordeal.assertNothingLeft();
  } finally {
    ordeal.close();
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
