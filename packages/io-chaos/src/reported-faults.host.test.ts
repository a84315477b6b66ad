import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { IOChaosSpec } from '@ordeal/experiment';
import { FAULT_LIMIT } from '@ordeal/fault-fs';
import { IoInjection } from './owner/io-injection.js';
import { KeeperProcess } from './owner/keeper-process.js';
import type { ReportedFaults } from './server/fault-batch.js';
import { eventually } from './testing/target.js';
import { Workload } from './testing/workload.js';

const run = mkdtempSync(join(tmpdir(), 'ordeal-run-'));
const keeper = new KeeperProcess(run);
after(async () => {
  await keeper.close();
  rmSync(run, { recursive: true });
});

/** More than the queue has room for. */
const MANY = FAULT_LIMIT + 500;

/** A volume on which mkdir fails, and what was reported about it. */
interface Reporting {
  readonly injection: IoInjection;
  readonly reports: readonly ReportedFaults[];
  /** Lets a program make a directory in vain so many times. */
  fail(times: number): void;
}

async function withReports(
  note: (line: string) => void,
  use: (reporting: Reporting) => Promise<void>,
): Promise<void> {
  const workload = new Workload();
  try {
    const { volume, holder } = workload;
    const reports: ReportedFaults[] = [];
    const spec = { action: 'fault', errno: 28, methods: ['mkdir'], percent: 100, volumePath: volume };
    const injection = await IoInjection.arm({
      keeper,
      volumePath: volume,
      rules: [{ spec: spec as unknown as IOChaosSpec, duration: undefined }],
      pid: holder,
      note,
      onFaults: (reported) => reports.push(reported),
    });
    try {
      await use({ injection, reports, fail: (times) => failToMake(holder, volume, times) });
    } finally {
      await injection.recover();
    }
  } finally {
    await workload.close();
  }
}

function failToMake(holder: number, volume: string, times: number): void {
  const script = `
import os, sys
for _ in range(int(sys.argv[2])):
    try: os.mkdir(sys.argv[1])
    except OSError: pass
    else: sys.exit(1)`;
  const enter = ['-t', String(holder), '-m', 'python3', '-c', script];
  execFileSync('nsenter', [...enter, join(volume, 'sub'), String(times)], { stdio: 'inherit' });
}

test('each fault is reported; those without room are counted, and their requests did not wait', () =>
  withReports(assert.fail, async ({ injection, reports, fail }) => {
    fail(MANY);
    await injection.fetchFaults();
    fail(2);
    await injection.recover();
    assert.deepEqual(
      reports.map(({ faults, dropped }) => [faults.length, dropped]),
      [
        [FAULT_LIMIT, MANY - FAULT_LIMIT],
        [2, 0],
      ],
    );
    const [last] = reports.at(-1)?.faults ?? [];
    const { caller, time: _, ...what } = last ?? {};
    assert.deepEqual(what, {
      rule: 0,
      match: MANY + 1,
      action: 'fault',
      method: 'mkdir',
      path: 'sub',
      errno: 28,
    });
    assert.equal(caller?.command, 'python3');
  }));

test('an answer that comes too late loses no fault', () =>
  withReports(
    // A keeper that is stopped for long cannot renew the lease.
    (line) => assert.match(line, /were off for/),
    async ({ injection, reports, fail }) => {
      fail(3);
      process.kill(injection.keeper, 'SIGSTOP');
      try {
        await injection.fetchFaults();
      } finally {
        process.kill(injection.keeper, 'SIGCONT');
      }
      await injection.fetchFaults();
      await injection.recover();
      const matches = reports.flatMap(({ faults }) => faults.map(({ match }) => match));
      assert.deepEqual(matches, [1, 2, 3]);
      assert.ok(reports.every(({ dropped }) => dropped === 0));
    },
  ));

test('faults that nobody can fetch from a dead server are reported as missing', () =>
  withReports(
    (line) => assert.match(line, /the server has died/),
    async ({ injection, reports, fail }) => {
      fail(1);
      process.kill(serverOf(injection.keeper), 'SIGKILL');
      await eventually('the loss is noticed', () => injection.lost);
      await injection.recover();
      assert.deepEqual(reports, [{ faults: [], dropped: undefined }]);
    },
  ));

function serverOf(keeper: number): number {
  const children = readFileSync(`/proc/${keeper}/task/${keeper}/children`, 'utf8').trim().split(' ');
  const read = (pid: string, name: string) => readFileSync(`/proc/${pid}/${name}`, 'utf8');
  // The descriptor keeper shares the command line of the server.
  const server = children.find(
    (pid) => read(pid, 'cmdline').includes('/server.cjs') && read(pid, 'comm') !== 'ordeal-fds\n',
  );
  return Number(server);
}
