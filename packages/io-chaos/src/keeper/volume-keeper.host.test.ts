import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { IOChaosSpec } from '@ordeal/experiment';
import { IoInjection } from '../owner/io-injection.js';
import { KeeperProcess } from '../owner/keeper-process.js';
import { Workload } from '../testing/workload.js';
import { findHeldVolume } from '../volume/held-volume.js';
import { reachKeeper } from './keeper-socket.js';

test('who has come while a volume is given back is let go with it, although its keeper lives on', async () => {
  const run = mkdtempSync(join(tmpdir(), 'ordeal-run-'));
  const keeper = new KeeperProcess(run);
  const workload = new Workload();
  const { volume, holder } = workload;
  try {
    const spec = { action: 'fault', errno: 5, methods: ['mkdir'], percent: 100, volumePath: volume };
    const rules = [{ spec: spec as unknown as IOChaosSpec, duration: undefined }];
    const options = { keeper, volumePath: volume, rules, pid: holder, note: () => undefined };
    const injection = await IoInjection.arm(options);
    const { id = '' } = findHeldVolume(holder, volume) ?? {};
    const late = await reachKeeper(run, id, volume);
    assert.equal(late?.pid, keeper.pid);
    const ended = new Promise<void>((resolve) => late?.peer.listen(() => undefined, resolve));
    const recovered = injection.recover();
    late?.peer.tell({ kind: 'recover' });
    await Promise.all([recovered, ended]);
    assert.equal(keeper.pid, late?.pid);
  } finally {
    await workload.close();
    await keeper.close();
    rmSync(run, { recursive: true });
  }
});
