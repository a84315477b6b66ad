import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { MECHANISMS } from './mechanism.js';
import {
  armSample,
  eventually,
  LabCgroup,
  outcome,
  requestsProgram,
  withFaults,
} from './testing/lab-target.js';

const program = requestsProgram();

/** Where in the kernel a process waits; empty while it runs or if it has ended. */
function readStack(pid: number | undefined): string {
  try {
    return readFileSync(`/proc/${pid}/stack`, 'utf8').replace(/^\[<[0-9a-f]+>\] /gm, '');
  } catch {
    return '';
  }
}

for (const mechanism of MECHANISMS) {
  test(`${mechanism}: frames match only in order, with others between them`, async () => {
    const target = new LabCgroup();
    const run = async (...chain: string[]) => {
      let enomem = 0;
      await withFaults({ chain }, [target.scope], mechanism, async () => {
        enomem = outcome(await target.run([program, 'mount', '10'])).enomem;
      });
      return enomem;
    };
    assert.equal(await run('__x64_sys_mount', 'getname_flags'), 10);
    assert.equal(await run('getname_flags', '__x64_sys_mount'), 0);
    assert.equal(await run('__x64_sys_mount', '__x64_sys_mount'), 0);
    assert.equal(await run('__x64_sys_mount', 'strndup_user'), 10);
    assert.equal(await run('__x64_sys_umount', 'getname_flags'), 0);
    target.remove();
  });

  test(`${mechanism}: a function that calls itself counts once for each activation`, async () => {
    const target = new LabCgroup();
    const plainFile = join(mkdtempSync('/dev/shm/ordeal-chain-'), 'plain');
    writeFileSync(plainFile, 'x');
    const request = { chain: ['do_dentry_open', 'do_dentry_open'], probability: 0 };
    const opens = async (file: string) => {
      const counters = await withFaults(request, [target.scope], mechanism, async (injection) => {
        await target.run(['cat', ...Array.from({ length: 50 }, () => file)]);
        assert.equal(injection.threadsInside(), 0);
      });
      return Number(counters.inChain);
    };
    // The guest's root is an overlay, which opens the file of the layer below inside its own open; a tmpfs has nothing
    // below. The rest is cat's own start.
    const plain = await opens(plainFile);
    const nested = await opens('/etc/hostname');
    assert.ok(nested >= plain + 50, `${nested} against ${plain}`);
    target.remove();
  });

  test(`${mechanism}: eight threads keep eight call chains`, async () => {
    const target = new LabCgroup();
    const counters = await withFaults(
      { chain: ['__x64_sys_mount', 'getname_flags'] },
      [target.scope],
      mechanism,
      async (injection) => {
        assert.deepEqual(outcome(await target.run([program, 'mount', '200', '8'])), {
          enomem: 1600,
          other: 0,
        });
        assert.equal(injection.threadsInside(), 0);
      },
    );
    assert.equal(counters.fired, 1600n);
    target.remove();
  });

  test(`${mechanism}: a frame entered before arming does not count, and its return is harmless`, async () => {
    const target = new LabCgroup();
    const reader = spawn('/bin/sh', ['-c', `echo $$ > ${target.path}/cgroup.procs; exec cat`], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    // cat waits inside read(2) before anything is armed.
    const waits = () => /^__x64_sys_read|pipe_read|unix_stream_read/m.test(readStack(reader.pid));
    assert.ok(await eventually(waits), readStack(reader.pid));
    const request = { chain: ['__x64_sys_read'], probability: 0 };
    const injection = armSample(request, [target.scope], mechanism);
    assert.equal(injection.threadsInside(), 0);
    reader.stdin.write('one\n');
    // The second read is inside its frame, waiting.
    assert.ok(await eventually(() => injection.threadsInside() === 1));
    reader.stdin.end();
    await new Promise((resolve) => reader.on('close', resolve));
    assert.ok(await eventually(() => injection.threadsInside() === 0));
    injection.recover();
    target.remove();
  });

  test(`${mechanism}: threads that end inside a frame are forgotten`, async () => {
    const target = new LabCgroup();
    const request = { chain: ['do_group_exit'], probability: 0 };
    const injection = armSample(request, [target.scope], mechanism);
    await target.run(['sh', '-c', 'for i in 1 2 3 4 5 6 7 8 9 10; do /bin/true; done']);
    // Tasks are freed after a grace period of RCU.
    assert.ok(await eventually(() => injection.threadsInside() === 0));
    injection.recover();
    target.remove();
  });

  test(`${mechanism}: a child is not inside the frame in which it was born`, async () => {
    const target = new LabCgroup();
    const chain = ['kernel_clone', '__x64_sys_mount'];
    const counters = await withFaults({ chain }, [target.scope], mechanism, async () => {
      assert.deepEqual(outcome(await target.run([program, 'fork', '5'])), { enomem: 0, other: 5 });
      assert.deepEqual(outcome(await target.run([program, 'exec', '5'])), { enomem: 0, other: 5 });
    });
    assert.equal(counters.inChain, 0n);
    target.remove();
  });
}

test('faults follow their probability', async () => {
  const target = new LabCgroup();
  const outside = async (probability: number) => {
    const { fired, lostDice, inChain } = await withFaults(
      { chain: ['__x64_sys_mount'], probability },
      [target.scope],
      'fmod_ret',
      async () => {
        await target.run([program, 'mount', '10000']);
      },
    );
    assert.equal(fired + lostDice, inChain);
    const draws = Number(inChain);
    assert.ok(draws >= 10_000);
    // 99.9 % of honest samples lie within 3.29 standard deviations.
    const spread = 3.29 * Math.sqrt((draws * probability * (100 - probability)) / 10_000);
    return Math.abs(Number(fired) - (draws * probability) / 100) > spread;
  };
  for (const probability of [1, 10, 50, 99]) {
    // One honest sample in a thousand lies outside, two in a row are one in a million.
    assert.ok(!(await outside(probability)) || !(await outside(probability)), `${probability} %`);
  }
  target.remove();
});
