import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { ERRNO, leakedFds, traceFds } from '@ordeal/linux';
import type { KernelInjection } from '../injection.js';
import {
  armSample,
  bpfDescriptors,
  LabCgroup,
  outcome,
  requestsProgram,
  runIn,
} from '../testing/lab-target.js';
import { MAX_ASKED } from './gate-slots.js';

traceFds();
const program = requestsProgram();
const mount = (count: number, ...threads: string[]) => [program, 'mount', String(count), ...threads];
const CALL = { function: '__x64_sys_mount', errno: ERRNO.ENOMEM };

after(() => assert.deepEqual(leakedFds(), []));

const LINK = /bpf[-_]link/;
const fired = (injection: KernelInjection | undefined) => injection?.counters()[0]?.fired;
const reached = (injection: KernelInjection | undefined) => injection?.counters()[0]?.reached;

test('a hundred experiments at one fault point share one link, and each meets its own cgroup only', async () => {
  const cgroups = Array.from({ length: 100 }, () => new LabCgroup());
  const injections: KernelInjection[] = [];
  for (const { scope } of cgroups) {
    injections.push(armSample(CALL, [scope], 'fmod_ret'));
    await new Promise(setImmediate); // The leases of the others are renewed.
  }
  assert.equal(bpfDescriptors(LINK).length, 1);
  for (const index of [0, 31, 63, 64, 99]) {
    const target = cgroups[index];
    assert.ok(target);
    assert.deepEqual(outcome(await target.run(mount(10))), { enomem: 10, other: 0 });
    const inner = new LabCgroup(target.path);
    assert.deepEqual(outcome(await inner.run(mount(5, '2'))), { enomem: 10, other: 0 });
    inner.remove();
    assert.equal(fired(injections[index]), 20n);
  }
  assert.equal(fired(injections[1]), 0n);
  assert.deepEqual(outcome(await runIn(undefined, mount(5))), { enomem: 0, other: 5 });
  // The others stay armed while some leave, and a slot that is free again is taken.
  for (const injection of injections.slice(0, 50)) injection.recover();
  assert.deepEqual(outcome(await (cgroups[0] as LabCgroup).run(mount(5))), { enomem: 0, other: 5 });
  assert.deepEqual(outcome(await (cgroups[99] as LabCgroup).run(mount(5))), { enomem: 5, other: 0 });
  const again = armSample(CALL, [(cgroups[0] as LabCgroup).scope], 'fmod_ret');
  assert.deepEqual(outcome(await (cgroups[0] as LabCgroup).run(mount(5))), { enomem: 5, other: 0 });
  for (const injection of [again, ...injections]) injection.recover();
  assert.equal(bpfDescriptors(/bpf/).length, 0);
  assert.deepEqual(outcome(await (cgroups[99] as LabCgroup).run(mount(5))), { enomem: 0, other: 5 });
  for (const cgroup of cgroups) cgroup.remove();
});

test('a task that was outside is met as soon as an experiment for it is added', async () => {
  const [one, two] = [new LabCgroup(), new LabCgroup()];
  const first = armSample(CALL, [one.scope], 'fmod_ret');
  assert.deepEqual(outcome(await two.run(mount(5))), { enomem: 0, other: 5 });
  const second = armSample(CALL, [two.scope], 'fmod_ret');
  assert.deepEqual(outcome(await two.run(mount(5))), { enomem: 5, other: 0 });
  second.recover();
  assert.deepEqual(outcome(await two.run(mount(5))), { enomem: 0, other: 5 });
  assert.equal(fired(first), 0n);
  first.recover();
  for (const cgroup of [one, two]) cgroup.remove();
});

test('every experiment of one cgroup sees each call until one forces a result, however many they are', async () => {
  const target = new LabCgroup();
  const idle = Array.from({ length: MAX_ASKED + 9 }, () =>
    armSample({ ...CALL, probability: 0 }, [target.scope], 'fmod_ret'),
  );
  assert.equal(bpfDescriptors(LINK).length, 2);
  assert.deepEqual(outcome(await target.run(mount(20))), { enomem: 0, other: 20 });
  for (const injection of idle) assert.equal(reached(injection), 20n);
  const last = armSample({ ...CALL, times: 7 }, [target.scope], 'fmod_ret');
  assert.deepEqual(outcome(await target.run(mount(20))), { enomem: 7, other: 13 });
  assert.equal(reached(last), 20n);
  assert.equal(fired(last), 7n);
  for (const injection of [...idle, last]) injection.recover();
  target.remove();
});

test('trees, namespaces and cgroups of any depth stand behind one gate', async () => {
  const target = new LabCgroup();
  const flag = `/tmp/go-gate-${process.pid}`;
  const child = spawn(program, ['wait', flag, 'exec', '5'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const tree = armSample(CALL, [{ kind: 'process-tree', pid: child.pid ?? -1 }], 'fmod_ret');
  const group = armSample({ ...CALL, times: 3 }, [target.scope], 'fmod_ret');
  let deep = target;
  const path = [target];
  while (deep.scope.kind === 'cgroup' && deep.scope.level < 32) {
    deep = new LabCgroup(deep.path);
    path.unshift(deep);
  }
  const deepest = armSample({ ...CALL, times: 2 }, [deep.scope], 'fmod_ret');
  assert.equal(bpfDescriptors(LINK).length, 3, 'two follow the tree');
  writeFileSync(flag, '');
  await ended;
  assert.deepEqual(outcome({ stdout, code: 0 }), { enomem: 5, other: 0 });
  assert.deepEqual(outcome(await deep.run(mount(9))), { enomem: 5, other: 4 });
  assert.deepEqual([fired(tree), fired(group), fired(deepest)], [5n, 3n, 2n]);
  for (const injection of [tree, group, deepest]) injection.recover();
  for (const cgroup of path) cgroup.remove();
});

test('experiments come and go while calls are made, and those that stay miss none', async () => {
  const target = new LabCgroup();
  const stays = armSample({ ...CALL, probability: 0 }, [target.scope], 'fmod_ret');
  const calls = 4 * 4000;
  let running = true;
  const run = target.run(mount(4000, '4')).finally(() => {
    running = false;
  });
  let turns = 0;
  while (running) {
    const passing = [0, 1, 2].map(() => armSample({ ...CALL, probability: 0 }, [target.scope], 'fmod_ret'));
    await new Promise(setImmediate);
    for (const injection of passing) injection.recover();
    turns++;
  }
  assert.deepEqual(outcome(await run), { enomem: 0, other: calls });
  assert.equal(reached(stays), BigInt(calls));
  assert.ok(turns > 0);
  stays.recover();
  target.remove();
});
