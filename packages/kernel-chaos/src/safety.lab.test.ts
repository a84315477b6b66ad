import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { LEASE } from './injection.js';
import { MECHANISMS } from './mechanism.js';
import { LabCgroup, outcome, requestsProgram, withFaults } from './testing/lab-target.js';

const program = requestsProgram();
const mount = [program, 'mount', '5'];

/** Another process that holds faults on the cgroup. */
async function holder(target: LabCgroup, ...more: string[]): Promise<ChildProcess> {
  const script = new URL('./testing/hold.js', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, target.path, ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout ?? child, 'data');
  return child;
}

test('within a second after kill -9 of the holder no fault fires any more', async () => {
  const target = new LabCgroup();
  const child = await holder(target);
  assert.equal(outcome(await target.run(mount)).enomem, 5);
  const busy = target.run([program, 'mount', '100000']);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await sleep(1_000);
  assert.deepEqual(outcome(await target.run(mount)), { enomem: 0, other: 5 });
  const { enomem, other } = outcome(await busy);
  assert.equal(enomem + other, 100_000);
  assert.ok(other > 0);
  target.remove();
});

test('faults end with the lease when the holder is stopped, and with the duration even so', async () => {
  const target = new LabCgroup();
  const child = await holder(target);
  child.kill('SIGSTOP');
  assert.equal(outcome(await target.run(mount)).enomem, 5);
  await sleep(Number(LEASE / 1_000_000n) + 500);
  assert.equal(outcome(await target.run(mount)).enomem, 0);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const brief = await holder(target, '2');
  brief.kill('SIGSTOP');
  assert.equal(outcome(await target.run(mount)).enomem, 5);
  await sleep(2_500);
  assert.equal(outcome(await target.run(mount)).enomem, 0);
  brief.kill('SIGKILL');
  await once(brief, 'exit');
  target.remove();
});

for (const mechanism of MECHANISMS) {
  test(`${mechanism}: requests that the kernel must not fail are spared`, async (context) => {
    const target = new LabCgroup();
    execFileSync('mkfs.ext4', ['-q', '-F', '/dev/vda']);
    mkdirSync('/run/journal', { recursive: true });
    execFileSync('mount', ['/dev/vda', '/run/journal']);
    context.after(() => execFileSync('umount', ['/run/journal']));
    const request = { chain: [{ predicate: 'gfpflags & __GFP_NOFAIL' }] };
    const counters = await withFaults(request, [target.scope], mechanism, async () => {
      const script = 'for i in 1 2 3; do echo $i > /run/journal/$i; sync /run/journal/$i; done';
      assert.equal((await target.run(['sh', '-c', script])).code, 0);
    });
    assert.ok(counters.sparedNoFail > 0n, 'the journal allocates with __GFP_NOFAIL');
    assert.equal(counters.sparedNoFail, counters.matched);
    assert.equal(counters.fired, 0n);
    target.remove();
  });

  test(`${mechanism}: interrupts that borrow the target's stack are spared`, async () => {
    const target = new LabCgroup();
    const chatter = `
import socket
server = socket.create_server(('127.0.0.1', 0))
client = socket.create_connection(server.getsockname())
peer, _ = server.accept()
for _ in range(200):
    client.sendall(b'x' * 4096)
    peer.recv(4096)
`;
    const counters = await withFaults({ probability: 0 }, [target.scope], mechanism, async () => {
      assert.equal((await target.run(['python3', '-c', chatter])).code, 0);
    });
    assert.ok(counters.sparedInterrupt > 0n, 'loopback answers are allocated in softirqs');
    assert.equal(counters.reached, counters.sparedInterrupt + counters.inChain);
    target.remove();
  });
}
