import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseDocuments } from '@ordeal/experiment';
import { KeeperProcess } from '@ordeal/io-chaos';
import { cgroup2Root, leakedFds, traceFds } from '@ordeal/linux';
import type { RunEvent } from './run-event.js';
import { runExperiments } from './run-experiments.js';

traceFds();
after(() => assert.deepEqual(leakedFds(), []));

const DOCUMENT = `apiVersion: chaos-mesh.org/v1alpha1
kind: KernelChaos
metadata: { name: followed }
spec:
  mode: one
  selector: { labelSelectors: { app: web } }
  failKernRequest: { failtype: 0, callchain: [{ funcname: __x64_sys_mount }] }
`;

test('a recreated cgroup gets the faults of a foreground run again', async () => {
  const name = `ordeal-followed-${process.pid}`;
  const cgroup = join(cgroup2Root() ?? '', name);
  /**
   * Whether mount(2) fails in the cgroup as the faults make it fail. Not waited for in place: the lease must be
   * renewed.
   */
  const fails = async () => {
    const script = `echo $$ >${cgroup}/cgroup.procs && mount -t tmpfs none /nonexistent 2>&1`;
    const shell = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = await Promise.all([text(shell.stdout), once(shell, 'exit')]);
    return /memory/i.test(said);
  };
  /** A process that has just ended may still be in it. */
  const remove = async () => {
    for (;;) {
      try {
        rmdirSync(cgroup);
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
        await sleep(10);
      }
    }
  };
  const events: RunEvent[] = [];
  const waiting = new Map<string, () => void>();
  const told = (type: RunEvent['type']) =>
    new Promise<void>((resolve) => {
      if (events.some((event) => event.type === type)) resolve();
      else waiting.set(type, resolve);
    });
  const stop = new AbortController();
  mkdirSync(cgroup);
  const ended = runExperiments({
    experiments: parseDocuments(DOCUMENT, 'test.yaml').experiments,
    target: { kind: 'cgroup', path: name },
    mechanism: undefined,
    before: 0n,
    withExec: false,
    requireFaults: false,
    outputToError: false,
    duration: 600_000_000_000n,
    after: undefined,
    inLab: true,
    faults: true,
    interval: 200,
    keeper: new KeeperProcess(tmpdir()),
    signal: stop.signal,
    onEvent: (event) => {
      events.push(event);
      waiting.get(event.type)?.();
    },
  });
  try {
    await told('armed');
    assert.equal(await fails(), true);
    await remove();
    await told('target-ended');
    mkdirSync(cgroup);
    await told('target-back');
    assert.equal(await fails(), true);
    stop.abort();
    await ended;
    assert.equal(await fails(), false);
    const lifted = events.flatMap((event) => (event.type === 'lifted' ? [event] : []));
    // Those of the first programs, too.
    const faults = events.filter(({ type }) => type === 'fault').length;
    assert.ok(faults >= 2);
    assert.equal(lifted[0]?.counters.fired, BigInt(faults));
    assert.equal(
      lifted[0]?.sites.reduce((sum, site) => sum + site.faults, 0),
      faults,
    );
  } finally {
    stop.abort();
    await ended;
    await remove();
  }
});
