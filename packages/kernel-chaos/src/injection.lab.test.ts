import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { leakedFds, pidNamespaceInode, StructWriter, SYS, syscall, traceFds } from '@ordeal/linux';
import { MECHANISMS } from './mechanism.js';
import { seededDraw } from './seeded-draw.js';
import {
  armSample,
  bpfDescriptors,
  eventually,
  LabCgroup,
  outcome,
  pick,
  requestsProgram,
  runIn,
  withFaults,
} from './testing/lab-target.js';
import type { SampleRequest } from './testing/sample-request.js';

traceFds();
const program = requestsProgram();
const mount = (count: number, ...threads: string[]) => [program, 'mount', String(count), ...threads];
const UNDER_MOUNT = ['__x64_sys_mount'];

after(() => assert.deepEqual(leakedFds(), []));

for (const mechanism of MECHANISMS) {
  test(`${mechanism}: slab faults hit the cgroup, its children, threads and programs, and nothing else`, async () => {
    const target = new LabCgroup();
    const counters = await withFaults({ chain: UNDER_MOUNT }, [target.scope], mechanism, async () => {
      assert.deepEqual(outcome(await target.run(mount(50))), { enomem: 50, other: 0 });
      assert.deepEqual(outcome(await target.run(mount(25, '4'))), { enomem: 100, other: 0 });
      assert.deepEqual(outcome(await target.run([program, 'fork', '5'])), { enomem: 5, other: 0 });
      assert.deepEqual(outcome(await target.run([program, 'exec', '5'])), { enomem: 5, other: 0 });
      const inner = new LabCgroup(target.path);
      assert.deepEqual(outcome(await inner.run(mount(10))), { enomem: 10, other: 0 });
      inner.remove();
      assert.deepEqual(outcome(await runIn(undefined, mount(20))), { enomem: 0, other: 20 });
    });
    assert.deepEqual(pick(counters, 'inChain', 'fired', 'untracked'), {
      inChain: 170,
      fired: 170,
      untracked: 0,
    });
    assert.deepEqual(outcome(await target.run(mount(5))), { enomem: 0, other: 5 });
    target.remove();
  });

  test(`${mechanism}: a process tree includes children that are forked while armed`, async () => {
    const flag = `/tmp/go-${mechanism}`;
    const child = spawn(program, ['wait', flag, 'exec', '5'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let stdout = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    const ended = new Promise((resolve) => child.on('close', resolve));
    const scope = { kind: 'process-tree', pid: child.pid ?? -1 } as const;
    await withFaults({ chain: UNDER_MOUNT }, [scope], mechanism, async () => {
      assert.deepEqual(outcome(await runIn(undefined, mount(5))), { enomem: 0, other: 5 });
      writeFileSync(flag, '');
      await ended;
    });
    assert.deepEqual(outcome({ stdout, code: 0 }), { enomem: 5, other: 0 });
  });

  test(`${mechanism}: a pid namespace is one target, with its forked children`, async () => {
    const holder = spawn('unshare', ['--pid', '--fork', '--kill-child', 'sleep', '60'], { stdio: 'ignore' });
    // Until the process inside has become `sleep`, it is still being set up.
    const child = () =>
      spawnSync('pgrep', ['-P', String(holder.pid), '-x', 'sleep'], { encoding: 'utf8' }).stdout;
    assert.ok(await eventually(() => child() !== ''));
    const sleeper = Number(child());
    const inode = pidNamespaceInode(sleeper) ?? 0;
    const enter = ['nsenter', '--pid', `--target=${sleeper}`, ...mount(7)];
    const scope = { kind: 'pid-namespace', inode, level: 1 } as const;
    const counters = await withFaults({ chain: UNDER_MOUNT }, [scope], mechanism, async () => {
      assert.deepEqual(outcome(await runIn(undefined, enter)), { enomem: 7, other: 0 });
      assert.deepEqual(outcome(await runIn(undefined, mount(5))), { enomem: 0, other: 5 });
    });
    assert.equal(counters.fired, 7n);
    holder.kill('SIGKILL');
  });

  test(`${mechanism}: block I/O of the target fails with EIO, that of others does not`, async () => {
    const target = new LabCgroup();
    const read = ['dd', 'if=/dev/vda', 'of=/dev/null', 'bs=4096', 'count=4', 'iflag=direct', 'status=none'];
    const counters = await withFaults({ failtype: 2 }, [target.scope], mechanism, async () => {
      assert.equal(
        (await target.run(['sh', '-c', `${read.join(' ')} 2>&1 | grep -c Input/output`])).stdout,
        '1\n',
      );
      assert.equal((await runIn(undefined, read)).code, 0);
    });
    assert.ok(counters.fired >= 1n);
    assert.equal((await target.run(read)).code, 0);
    target.remove();
  });

  test(`${mechanism}: dirty pages written back by the kernel fail for the cgroup that dirtied them`, async (context) => {
    const target = new LabCgroup();
    execFileSync('mkfs.ext4', ['-q', '-F', '-O', '^has_journal', '/dev/vdb']);
    mkdirSync('/run/writeback', { recursive: true });
    execFileSync('mount', ['/dev/vdb', '/run/writeback']);
    context.after(() => execFileSync('umount', ['/run/writeback']));
    const file = (name: string) => [
      'dd',
      'if=/dev/zero',
      `of=/run/writeback/${name}`,
      'bs=64k',
      'count=4',
      'status=none',
    ];
    const write = (name: string) => [...file(name), 'conv=notrunc'];
    // Laid out beforehand, so that the writes under faults need no metadata from the disk.
    await target.run(file('mine'));
    await runIn(undefined, file('theirs'));
    execFileSync('sync');
    const counters = await withFaults({ failtype: 2 }, [target.scope], mechanism, async () => {
      assert.equal((await target.run(write('mine'))).code, 0);
      assert.equal((await runIn(undefined, write('theirs'))).code, 0);
      // fsync from outside the target: only the I/O's owner makes the difference.
      assert.equal((await runIn(undefined, ['sync', '/run/writeback/theirs'])).code, 0);
      assert.notEqual((await runIn(undefined, ['sync', '/run/writeback/mine'])).code, 0);
    });
    assert.ok(counters.fired >= 1n);
    target.remove();
  });

  test(`${mechanism}: page faults are drawn from the target's allocations only`, async () => {
    const target = new LabCgroup();
    const touch = ['python3', '-c', 'bytearray(8 << 20)'];
    const counters = await withFaults(
      { failtype: 1, probability: 0 },
      [target.scope],
      mechanism,
      async () => {
        assert.equal((await target.run(touch)).code, 0);
      },
    );
    assert.ok(counters.reached > 1000n, `reached ${counters.reached}`);
    assert.equal(counters.fired, 0n);
    const limited = await withFaults({ failtype: 1, times: 3 }, [target.scope], mechanism, async () => {
      await target.run(touch);
    });
    assert.equal(limited.fired, 3n);
    target.remove();
  });

  test(`${mechanism}: times is exact with any number of threads`, async () => {
    const target = new LabCgroup();
    for (const times of [1, 7, 1000]) {
      const counters = await withFaults(
        { chain: UNDER_MOUNT, times },
        [target.scope],
        mechanism,
        async () => {
          assert.equal(outcome(await target.run(mount(200, '8'))).enomem, times);
        },
      );
      assert.deepEqual(pick(counters, 'fired'), { fired: times });
    }
    target.remove();
  });

  test(`${mechanism}: after, every and seed choose the same matches with any number of threads`, async () => {
    const target = new LabCgroup();
    const run = (trigger: SampleRequest) =>
      withFaults({ chain: UNDER_MOUNT, ...trigger }, [target.scope], mechanism, async () => {
        await target.run(mount(100, '8'));
      });
    const numbered = await run({ after: 30, every: 7 });
    const matches = Number(numbered.inChain - numbered.sparedNoFail);
    assert.equal(Number(numbered.fired), Math.floor((matches - 30) / 7));
    assert.equal(Number(numbered.skipped), matches - Number(numbered.fired));
    assert.equal((await run({ after: 3, times: 1 })).fired, 1n);
    const seeded = await run({ probability: 30, seed: 41 });
    const threshold = Math.floor(0.3 * 2 ** 32);
    const drawn = Array.from({ length: Number(seeded.inChain - seeded.sparedNoFail) }, (_, index) =>
      seededDraw(41, index + 1),
    );
    assert.equal(Number(seeded.fired), drawn.filter((draw) => draw < threshold).length);
    target.remove();
  });

  test(`${mechanism}: two experiments at the same fault point keep their own counts`, async () => {
    const [one, two] = [new LabCgroup(), new LabCgroup()];
    const first = armSample({ chain: UNDER_MOUNT, times: 5 }, [one.scope], mechanism);
    const second = armSample({ chain: ['getname_flags'], probability: 0 }, [two.scope], mechanism);
    const other = armSample({ failtype: 2, probability: 0 }, [two.scope], mechanism);
    const [mine, theirs] = await Promise.all([one.run(mount(40)), two.run(mount(40))]);
    for (const injection of [other, second, first]) injection.recover();
    assert.deepEqual(outcome(mine), { enomem: 5, other: 35 });
    assert.deepEqual(outcome(theirs), { enomem: 0, other: 40 });
    assert.equal(first.counters()[0]?.fired, 5n);
    assert.ok((second.counters()[0]?.inChain ?? 0n) >= 40n);
    assert.equal(second.counters()[0]?.fired, 0n);
    assert.equal(other.counters()[0]?.reached, 0n);
    for (const cgroup of [one, two]) cgroup.remove();
  });

  test(`${mechanism}: the deadline ends the faults`, async () => {
    const target = new LabCgroup();
    const injection = armSample({ chain: UNDER_MOUNT }, [target.scope], mechanism, 1_500_000_000n);
    assert.equal(outcome(await target.run(mount(5))).enomem, 5);
    assert.equal(injection.armed, true);
    await sleep(1_700);
    assert.equal(injection.armed, false);
    assert.deepEqual(outcome(await target.run(mount(5))), { enomem: 0, other: 5 });
    injection.recover();
    injection.recover();
    target.remove();
  });
}

test('an injection whose lease cannot be renewed ends, and recovery closes everything', async () => {
  const target = new LabCgroup();
  const injection = armSample({ chain: UNDER_MOUNT }, [target.scope], 'fmod_ret');
  freezeControl();
  assert.ok(await eventually(() => !injection.armed), 'the renewal that failed is seen');
  assert.throws(() => injection.recover(), /EPERM/);
  assert.deepEqual(bpfDescriptors(), []);
  injection.recover();
  target.remove();
});

/** Makes the map that holds the deadline refuse every update. */
function freezeControl(): void {
  for (const name of readdirSync('/proc/self/fd')) {
    let info = '';
    try {
      info = readFileSync(`/proc/self/fdinfo/${name}`, 'latin1');
    } catch {
      // The descriptor by which the directory was listed.
    }
    if (!/^map_type:\t2$/m.test(info) || !/^value_size:\t16$/m.test(info)) continue;
    // BPF_MAP_FREEZE of include/uapi/linux/bpf.h, Linux 5.2
    syscall('bpf(MAP_FREEZE)', SYS.bpf, 22, new StructWriter(4).u32(0, Number(name)).bytes, 4);
  }
}
