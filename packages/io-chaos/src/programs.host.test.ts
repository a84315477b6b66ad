import assert from 'node:assert/strict';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { IOChaosSpec } from '@ordeal/experiment';
import { IoInjection } from './owner/io-injection.js';
import { KeeperProcess } from './owner/keeper-process.js';
import { eventually } from './testing/target.js';
import { whereabouts } from './testing/whereabouts.js';
import { Workload } from './testing/workload.js';

const run = mkdtempSync(join(tmpdir(), 'ordeal-run-'));
const keeper = new KeeperProcess(run);
after(async () => {
  await keeper.close();
  rmSync(run, { recursive: true });
});

/** Prints its own answer to SIGUSR1 again and again, so that it runs its code after the way back, too. */
const sleeps = (program: string) =>
  `${program} -c 'trap "echo alive" USR1; while :; do read -t 0.05 x <> <(:); done'`;

test('a program of the volume that starts under faults needs no server afterwards', async () => {
  const workload = new Workload();
  try {
    const { volume, holder } = workload;
    const program = join(volume, 'bin', 'bash');
    mkdirSync(join(volume, 'bin'));
    copyFileSync('/bin/bash', program);
    const before = workload.start('before', () => sleeps(program));
    await eventually('it runs', () => readlinkSync(`/proc/${before.pid}/exe`) === program);
    const spec = {
      action: 'latency',
      delay: 1_000_000n,
      methods: ['read'],
      percent: 10,
      volumePath: volume,
    } as unknown as IOChaosSpec;
    const injection = await IoInjection.arm({
      keeper,
      volumePath: volume,
      rules: [{ spec, duration: undefined }],
      pid: holder,
      note: (line) => assert.fail(line),
    });
    // The children that it forks have it mapped, too.
    for (const { what, reason } of injection.report?.left ?? []) {
      assert.match(what, /\/bin\/bash$/);
      assert.equal(reason, 'belongs to a program or library');
    }
    const during = workload.start('during', () => sleeps(program));
    await eventually('it runs', () => readlinkSync(`/proc/${during.pid}/exe`) === program);
    await injection.recover();
    assert.deepEqual(injection.left, []);
    const { covered, strays } = whereabouts(holder, workload.processes(), volume);
    assert.deepEqual([covered, strays], [false, []]);
    assert.deepEqual(readdirSync(join(run, 'io')), []);
    for (const { pid, output } of [before, during]) {
      assert.equal(readlinkSync(`/proc/${pid}/exe`), program);
      process.kill(pid, 'SIGUSR1');
      await eventually('it answers', () => readFileSync(output, 'utf8') === 'alive\n');
    }
  } finally {
    await workload.close();
  }
});
