import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { attachMount, createFuseMount, openFuseDevice } from '@ordeal/fuse';
import { cString, EventFd, raiseEvent, SYS, syscall } from '@ordeal/linux';

test('a Worker serves with credentials of its own, hears messages, and ends with the mount', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'ordeal-worker-'));
  const [original, mounted] = [join(directory, 'original'), join(directory, 'mounted')];
  chmodSync(directory, 0o755);
  mkdirSync(original);
  chmodSync(original, 0o777);
  mkdirSync(mounted);
  const root = openSync(original, 'r');
  const device = openFuseDevice();
  const wakeUp = new EventFd();
  const options = { source: 'ordeal-test', subtype: 'ordeal', rootMode: 0o40755, defaultPermissions: true };
  const mount = createFuseMount(device, options);
  attachMount(mount, mounted);
  mount.close();
  const workerData = { root, device: device.number, wakeUp: wakeUp.fd.number };
  const worker = new Worker(new URL('./testing/serving-worker.js', import.meta.url), { workerData });
  // The last message and the exit can come in one turn of the event loop.
  const exited = once(worker, 'exit');
  const say = async (message: string) => {
    worker.postMessage(message);
    raiseEvent(wakeUp.fd.number);
    assert.deepEqual(await once(worker, 'message'), [`heard ${message}`]);
  };
  try {
    assert.deepEqual(await once(worker, 'message'), ['ready']);
    const run = (command: string, uid: number) =>
      spawnSync('sh', ['-c', command], { cwd: mounted, uid, gid: uid, encoding: 'utf8', timeout: 300_000 });
    assert.equal(run('echo mine > file; mkdir before; umask 077; echo > private', 1000).status, 0);
    assert.equal(statSync(`${original}/file`).uid, 1000);
    assert.equal(statSync(`${original}/private`).mode & 0o777, 0o600);
    // The credentials of this thread are what they were.
    assert.match(readFileSync('/proc/self/status', 'utf8'), /^Uid:\t0\t0\t0\t0$/m);
    await say('on');
    assert.match(run('mkdir during', 0).stderr, /Input\/output error/);
    const begun = performance.now();
    await say('on for 500 ms');
    while (run('mkdir after', 0).status !== 0);
    assert.ok(performance.now() - begun >= 500);
  } finally {
    syscall('umount2', SYS.umount2, cString(mounted), 2);
    assert.deepEqual(await once(worker, 'message'), ['ended']);
    await exited;
    closeSync(root);
    device.close();
    wakeUp.close();
    rmSync(directory, { recursive: true, force: true });
  }
});
