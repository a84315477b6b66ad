import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { OrdealError } from '@ordeal/diagnostics';
import { ERRNO } from '@ordeal/linux';
import { FAULT_POINTS } from './fault-point.js';
import { chooseMechanism, MECHANISMS } from './mechanism.js';
import { seededDraw } from './seeded-draw.js';
import {
  LabCgroup,
  labFacts,
  outcome,
  pick,
  requestsProgram,
  runIn,
  withFaults,
} from './testing/lab-target.js';
import type { SampleRequest } from './testing/sample-request.js';

const program = requestsProgram();
const mount = (count: number, ...threads: string[]) => [program, 'mount', String(count), ...threads];
const MOUNT: SampleRequest = { function: 'mount', errno: ERRNO.ENOMEM };
const onArguments = (predicate: string) => ({ chain: [{ predicate }] });

test('the list of the lab’s kernel has types', () => {
  const list = labFacts().injectable();
  assert.equal(list?.get('__x64_sys_openat'), 'ERRNO');
  assert.equal(list?.get('should_fail_alloc_page'), 'TRUE');
});

test('where the kernel has no fault point for allocations, the refusal names system calls', () => {
  const gone = { ...FAULT_POINTS[0], function: 'should_failslab_of_another_kernel' };
  assert.throws(
    () => chooseMechanism(gone, labFacts(), undefined),
    (error: OrdealError) =>
      error.code === 'ORD-405' &&
      /without CONFIG_FAILSLAB/.test(error.message) &&
      /write function: openat, errno: ENOMEM/.test(error.hint ?? ''),
  );
});

for (const mechanism of MECHANISMS) {
  test(`${mechanism}: a system call fails for the target, its children and threads, and for nobody else`, async () => {
    const target = new LabCgroup();
    const counters = await withFaults(MOUNT, [target.scope], mechanism, async () => {
      assert.deepEqual(outcome(await target.run(mount(10))), { enomem: 10, other: 0 });
      assert.deepEqual(outcome(await target.run(mount(5, '4'))), { enomem: 20, other: 0 });
      assert.deepEqual(outcome(await target.run([program, 'exec', '3'])), { enomem: 3, other: 0 });
      assert.deepEqual(outcome(await runIn(undefined, mount(5))), { enomem: 0, other: 5 });
    });
    assert.deepEqual(pick(counters, 'reached', 'inChain', 'fired'), { reached: 33, inChain: 33, fired: 33 });
    assert.deepEqual(outcome(await target.run(mount(5))), { enomem: 0, other: 5 });
    target.remove();
  });

  test(`${mechanism}: openat of one file fails with EMFILE, of others not`, async () => {
    const target = new LabCgroup();
    mkdirSync('/run/calls', { recursive: true });
    for (const name of ['x', 'y']) writeFileSync(`/run/calls/${name}`, `${name}\n`);
    const request = {
      function: 'openat',
      errno: ERRNO.EMFILE,
      ...onArguments('STRCMP(filename, "/run/calls/x")'),
    };
    const counters = await withFaults(request, [target.scope], mechanism, async () => {
      const { stdout } = await target.run(['sh', '-c', 'cat /run/calls/x /run/calls/y 2>&1']);
      assert.match(stdout, /x: Too many open files\ny\n$/);
      assert.equal((await runIn(undefined, ['cat', '/run/calls/x'])).stdout, 'x\n');
    });
    assert.deepEqual(pick(counters, 'matched', 'fired'), { matched: 1, fired: 1 });
    rmSync('/run/calls', { recursive: true });
    target.remove();
  });

  test(`${mechanism}: predicates see the arguments of a system call by name`, async () => {
    const target = new LabCgroup();
    const failed = async (predicate: string) => {
      let enomem = 0;
      await withFaults({ ...MOUNT, ...onArguments(predicate) }, [target.scope], mechanism, async () => {
        enomem = outcome(await target.run(mount(4))).enomem;
      });
      return enomem;
    };
    assert.equal(await failed('STRCMP(dev_name, "none") && STRNCMP(type, "tmp", 3) && flags == 0'), 4);
    assert.equal(await failed('STRCMP(dev_name, "nine")'), 0);
    assert.equal(await failed('flags & 1'), 0);
    target.remove();
  });

  test(`${mechanism}: a system call without arguments fails`, async () => {
    const target = new LabCgroup();
    const request = { function: 'setsid', errno: ERRNO.EPERM };
    await withFaults(request, [target.scope], mechanism, async () => {
      assert.match((await target.run(['sh', '-c', 'setsid -w true 2>&1; :'])).stdout, /not permitted/);
    });
    target.remove();
  });

  test(`${mechanism}: after, every, times and seed choose among the calls, with any number of threads`, async () => {
    const target = new LabCgroup();
    const run = async (trigger: SampleRequest) => {
      const counters = await withFaults({ ...MOUNT, ...trigger }, [target.scope], mechanism, async () => {
        await target.run(mount(25, '8'));
      });
      return Number(counters.fired);
    };
    assert.equal(await run({ after: 30, every: 7 }), Math.floor((200 - 30) / 7));
    assert.equal(await run({ after: 2, times: 1 }), 1);
    const threshold = Math.floor(0.3 * 2 ** 32);
    const draws = Array.from({ length: 200 }, (_, index) => seededDraw(41, index + 1));
    assert.equal(await run({ probability: 30, seed: 41 }), draws.filter((draw) => draw < threshold).length);
    target.remove();
  });

  test(`${mechanism}: a function below a call chain fails there only`, async () => {
    const target = new LabCgroup();
    const slab = { function: 'should_failslab', errno: ERRNO.ENOMEM, chain: ['__x64_sys_mount'] };
    const counters = await withFaults(slab, [target.scope], mechanism, async () => {
      assert.deepEqual(outcome(await target.run(mount(5))), { enomem: 5, other: 0 });
    });
    assert.ok(counters.reached > counters.inChain);
    const page = await withFaults(
      { function: 'should_fail_alloc_page', times: 3 },
      [target.scope],
      mechanism,
      async () => {
        await target.run(['python3', '-c', 'bytearray(8 << 20)']);
      },
    );
    assert.equal(page.fired, 3n);
    target.remove();
  });
}
