import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { parseDocuments } from '@ordeal/experiment';
import { KeeperProcess } from '@ordeal/io-chaos';
import type { RunEvent } from './run-event.js';
import { runExperiments } from './run-experiments.js';

/** Nanoseconds of load; `npm run test:kernels` soaks for two minutes. */
const DURATION = BigInt(process.env.SOAK_SECONDS ?? 20) * 1_000_000_000n;

const document = `apiVersion: chaos-mesh.org/v1alpha1
kind: KernelChaos
metadata: { name: soak }
spec:
  mode: one
  selector: { namespaces: [lab] }
  failKernRequest: { failtype: 0, probability: 1 }
`;

/**
 * The one warning that says no more than that a slab allocation failed, of which the kernel then tells its caller: Linux
 * commit "mm/vmalloc: Remove WARN_ON_ONCE related to adjust_va_to_fit_type" removes it.
 */
const OF_FAILED_ALLOCATION = /^WARNING: .* at mm\/vmalloc\.c:\d+ alloc_vmap_area/;

/** Compiling, packing, a database, and their child processes, repeatedly; each may fail at any time. */
const load = `
while :; do
  (printf 'int main(void) { return 0; }' | gcc -x c - -o built) &
  (tar -cf packed.tar -C /usr/include linux && tar -tf packed.tar) &
  (python3 - <<'SQL'
import sqlite3
base = sqlite3.connect('base.db')
base.execute('create table if not exists lines (text)')
base.executemany('insert into lines values (?)', (('x' * 200,) for _ in range(500)))
base.commit()
SQL
  ) &
  wait
done >/dev/null 2>&1
`;

test('faults at one percent in a busy process tree affect neither the kernel nor other processes', async (context) => {
  const scratch = mkdtempSync('/tmp/ordeal-soak-');
  // Outside the target, something that fails when a single allocation does.
  const neighbour = spawn('/bin/sh', [
    '-c',
    'set -e; while :; do ls -l /proc/self/fd /etc; done > /dev/null',
  ]);
  let neighbourEnded = false;
  neighbour.on('exit', () => {
    neighbourEnded = true;
  });
  const cgroup = '/sys/fs/cgroup/lab-soak';
  mkdirSync(cgroup);
  writeFileSync(`${scratch}/load.sh`, load);
  const events: RunEvent[] = [];
  let over = false;
  const run = runExperiments({
    experiments: parseDocuments(document, 'soak.yaml').experiments,
    target: { kind: 'cgroup', path: cgroup },
    mechanism: undefined,
    before: 0n,
    withExec: false,
    requireFaults: false,
    outputToError: false,
    duration: DURATION,
    after: undefined,
    inLab: true,
    faults: false,
    interval: 5_000,
    keeper: new KeeperProcess(tmpdir()),
    signal: new AbortController().signal,
    onEvent: (event) => events.push(event),
  }).finally(() => {
    over = true;
  });
  // The load's own shell fails sooner or later and is restarted.
  let starts = 0;
  while (!over) {
    const place = `echo $$ > ${cgroup}/cgroup.procs; cd ${scratch}; exec timeout 20 sh load.sh`;
    const child = spawn('/bin/sh', ['-c', place], { stdio: 'ignore' });
    starts++;
    await Promise.race([once(child, 'exit'), run]);
  }
  await run;
  writeFileSync(`${cgroup}/cgroup.kill`, '1');
  context.diagnostic(`${starts} starts of the load`);
  assert.equal(neighbourEnded, false, 'the neighbour failed');
  neighbour.kill('SIGKILL');
  await once(neighbour, 'exit');
  const [lifted] = events.flatMap((event) => (event.type === 'lifted' ? [event] : []));
  assert.ok((lifted?.counters.fired ?? 0n) > 10n, `${lifted?.counters.fired} faults`);
  assert.equal(lifted?.reason, 'duration');
  const complaints = events.flatMap((event) => (event.type === 'kernel-log' ? [event.line] : []));
  assert.deepEqual(
    complaints.filter((line) => !OF_FAILED_ALLOCATION.test(line)),
    [],
  );
  // The machine still works.
  execFileSync('gcc', ['-x', 'c', '-', '-o', `${scratch}/after`], { input: 'int main(void) { return 0; }' });
  assert.equal(execFileSync(`${scratch}/after`).length, 0);
});

test('an oops ends the faults, an OOM kill of the target is reported and does not', async () => {
  const run = async (command: string, spec: string) => {
    const yaml = document.replace('failtype: 0, probability: 1', spec);
    const events: RunEvent[] = [];
    await runExperiments({
      experiments: parseDocuments(yaml, 'guard.yaml').experiments,
      target: { kind: 'command', command: ['sh', '-c', command] },
      mechanism: undefined,
      before: 0n,
      withExec: false,
      requireFaults: false,
      outputToError: false,
      duration: 6_000_000_000n,
      after: 0n,
      inLab: true,
      faults: false,
      interval: 5_000,
      keeper: new KeeperProcess(tmpdir()),
      signal: new AbortController().signal,
      onEvent: (event) => events.push(event),
    });
    return events;
  };
  const quiet = 'failtype: 2, probability: 0';
  // A kernel message, which root may write to /dev/kmsg.
  const oops = await run(
    'sleep 1; echo "<1>BUG: unable to handle page fault for address: 0" > /dev/kmsg; sleep 9',
    quiet,
  );
  assert.ok(oops.some((event) => event.type === 'kernel-log' && event.severity === 'oops'));
  assert.equal(oops.find((event) => event.type === 'lifted')?.reason, 'guardrail');
  // The limit kills the sleeping shell's Python, not the shell.
  const oom = await run(
    'CG=/sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup); echo 24M > $CG/memory.max; python3 -c "bytearray(200 << 20)"; sleep 7',
    quiet,
  );
  assert.ok(oom.some((event) => event.type === 'kernel-log' && event.severity === 'oom'));
  assert.notEqual(oom.find((event) => event.type === 'lifted')?.reason, 'guardrail');
});
