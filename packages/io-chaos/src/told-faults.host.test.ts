import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { IOChaosSpec } from '@ordeal/experiment';
import { FAULT_LIMIT } from '@ordeal/fault-fs';
import type { FaultBatch } from './server/server-message.js';
import { Workload } from './testing/workload.js';

process.env.ORDEAL_RUN = mkdtempSync(join(tmpdir(), 'ordeal-run-'));
const { IoInjection } = await import('./owner/io-injection.js');
after(() => rmSync(process.env.ORDEAL_RUN ?? '', { recursive: true }));

/** More than anybody remembers. */
const MANY = FAULT_LIMIT + 500;

/** Lets a program of the holder's namespace make a directory in vain so many times. */
function fail(holder: number, volume: string, times: number): void {
  const script = `
import os, sys
for _ in range(int(sys.argv[2])):
    try: os.mkdir(sys.argv[1])
    except OSError: pass
    else: sys.exit(1)`;
  const enter = ['-t', String(holder), '-m', 'python3', '-c', script];
  execFileSync('nsenter', [...enter, join(volume, 'sub'), String(times)], { stdio: 'inherit' });
}

test('each fault is told; those that nobody fetched are counted, and their requests did not wait', async () => {
  const workload = new Workload();
  try {
    const { volume, holder } = workload;
    const batches: FaultBatch[] = [];
    const spec = { action: 'fault', errno: 28, methods: ['mkdir'], percent: 100, volumePath: volume };
    const injection = await IoInjection.arm({
      volumePath: volume,
      rules: [{ spec: spec as unknown as IOChaosSpec, duration: undefined }],
      pid: holder,
      note: (line) => assert.fail(line),
      onFaults: (batch) => batches.push(batch),
    });
    fail(holder, volume, MANY);
    await injection.fetchFaults();
    fail(holder, volume, 2);
    await injection.recover();
    assert.deepEqual(
      batches.map(({ faults, dropped }) => [faults.length, dropped]),
      [
        [FAULT_LIMIT, MANY - FAULT_LIMIT],
        [2, 0],
      ],
    );
    const [last] = batches.at(-1)?.faults ?? [];
    const { asker, time: _, ...what } = last ?? {};
    assert.deepEqual(what, {
      rule: 0,
      match: MANY + 1,
      action: 'fault',
      method: 'mkdir',
      path: 'sub',
      errno: 28,
    });
    assert.equal(asker?.command, 'python3');
  } finally {
    await workload.close();
  }
});
