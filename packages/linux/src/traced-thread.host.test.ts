import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { cString } from './bytes.js';
import { findKernelEntry, type KernelEntry } from './kernel-entry.js';
import { allThreadsRestored } from './late-release.js';
import { RemoteScratch } from './remote-calls.js';
import { StoppedProcess } from './stopped-process.js';
import { SYS } from './syscall-numbers.js';
import type { TracedThread } from './traced-thread.js';

const directory = mkdtempSync(join(tmpdir(), 'ordeal-traced-'));
const hanging = join(directory, 'hanging');
const counted = join(directory, 'count');
let pid = 0;
let device = -1;

before(async () => {
  // A file system whose server never answers: whoever asks it waits, and no signal but SIGKILL helps.
  mkdirSync(hanging);
  device = openSync('/dev/fuse', 'r+');
  const options = 'fd=3,rootmode=40000,user_id=0,group_id=0';
  execFileSync('mount', ['-i', '-t', 'fuse', '-o', options, 'ordeal-hanging', hanging], {
    stdio: ['ignore', 'ignore', 'inherit', device],
  });
  // Adopted by init: a child of Node's own cannot be traced.
  const script = `n=0; while :; do n=$((n+1)); echo $n >'${counted}'; done`;
  const launcher = `setsid bash -c "$0" >/dev/null 2>&1 </dev/null & echo $!`;
  pid = Number(execFileSync('sh', ['-c', launcher, script], { encoding: 'utf8' }));
  while (!existsSync(counted)) await sleep(5);
});

after(() => {
  process.kill(pid, 'SIGKILL');
  if (device >= 0) closeSync(device);
  execFileSync('umount', ['-l', hanging]);
  rmSync(directory, { recursive: true });
});

/** The first thread of the target, stopped, and an entry that lets no call come home by itself. */
function stop(): {
  readonly process: StoppedProcess;
  readonly thread: TracedThread;
  readonly entry: KernelEntry;
} {
  const entry = findKernelEntry(pid);
  assert.ok(typeof entry !== 'string');
  const process = StoppedProcess.stop(pid, 10_000);
  const thread = process?.threads[0];
  assert.ok(process && thread);
  return { process, thread, entry: { ...entry, landing: undefined } };
}

function blockedSignals(): string | undefined {
  return /^SigBlk:\s*(\w+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
}

/** Waits until the target has counted further. */
async function goesOn(): Promise<void> {
  const count = () => Number(readFileSync(counted, 'latin1'));
  const from = count();
  while (count() <= from) {
    process.kill(pid, 0);
    await sleep(5);
  }
}

test('a call that does not come back in time is interrupted, and the thread gets its registers back', async () => {
  await sleep(0);
  const { process, thread, entry } = stop();
  const [registers, mask] = [thread.registers(), blockedSignals()];
  assert.throws(() => thread.call(entry, SYS.ppoll, [0, 0, 0, 0, 0]), { code: 'ORD-752' });
  assert.deepEqual(thread.registers(), registers);
  assert.equal(blockedSignals(), mask);
  // It can be made to do more.
  assert.equal(thread.call(entry, SYS.getpid, []), pid);
  process.release();
  await allThreadsRestored();
  await goesOn();
});

test('a call that cannot be interrupted gives the registers back when it ends', async () => {
  const { process, thread, entry } = stop();
  const mask = blockedSignals();
  const scratch = RemoteScratch.create(thread, entry);
  scratch.write(0, cString(hanging));
  scratch.write(1024, new Uint8Array(256));
  const AT_FDCWD = -100;
  const ask = [AT_FDCWD, scratch.payload, 0, 0x7ff, scratch.payload + 1024n];
  assert.throws(() => thread.call(entry, SYS.statx, ask), { code: 'ORD-752' });
  assert.throws(() => thread.call(entry, SYS.getpid, []), { code: 'ORD-752' });
  process.release();
  const givenBack = allThreadsRestored();
  assert.equal(await Promise.race([givenBack.then(() => 'given back'), sleep(50, 'waiting')]), 'waiting');
  // Without a server the kernel answers.
  closeSync(device);
  device = -1;
  await givenBack;
  assert.equal(blockedSignals(), mask);
  await goesOn();
});
