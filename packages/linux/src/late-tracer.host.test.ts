import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ERRNO } from '@ordeal/diagnostics';
import { findKernelEntry } from './kernel-entry.js';
import { RemoteScratch, ThreadContinued } from './remote-calls.js';
import { StoppedProcess } from './stopped-process.js';
import { SYS } from './syscall-numbers.js';
import { TracedThread } from './traced-thread.js';

/** Counts in a register, and shows it. */
const COUNTER = `
#include <fcntl.h>
#include <sys/mman.h>
int main(int argc, char **argv) {
  volatile long *shown = mmap(0, 4096, PROT_WRITE, MAP_SHARED, open(argv[1], O_RDWR), 0);
  for (long count = 1;; count++) {
    __asm__ volatile("" : "+r"(count));
    *shown = count;
  }
}`;

/** Asks the server of a directory once, and says what it was told and whether the signal came. */
const ASKER = `
import ctypes, os, signal, sys
heard = []
signal.signal(signal.SIGUSR1, lambda *_: heard.append(1))
libc = ctypes.CDLL(None, use_errno=True)
name, buffer = sys.argv[1].encode(), ctypes.create_string_buffer(256)
open(sys.argv[2] + ".ready", "w")
result = libc.syscall(int(sys.argv[3]), -100, name, 0, 0x7ff, buffer)
open(sys.argv[2], "w").write(f"{result} {len(heard)}\\n")
`;

/** Adopted by init: a child of Node's own cannot be traced. */
function start(command: string): number {
  return Number(
    execFileSync('sh', ['-c', `${command} >/dev/null 2>&1 </dev/null & echo $!`], { encoding: 'utf8' }),
  );
}

async function inDirectory(body: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'ordeal-late-'));
  try {
    await body(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('a thread that went on because its tracer was held up is not thrown back', () =>
  inDirectory(async (directory) => {
    const [program, shown] = [join(directory, 'counter'), join(directory, 'shown')];
    execFileSync('gcc', ['-O1', '-o', program, '-x', 'c', '-'], { input: COUNTER });
    writeFileSync(shown, new Uint8Array(4096));
    const count = () => readFileSync(shown).readBigInt64LE(0);
    const pid = start(`exec ${program} ${shown}`);
    try {
      while (count() === 0n) await sleep(5);
      const entry = findKernelEntry(pid);
      assert.ok(typeof entry !== 'string');
      const stopped = StoppedProcess.stop(pid, 10_000);
      const thread = stopped?.threads[0];
      assert.ok(stopped && thread);
      const scratch = RemoteScratch.create(thread, entry);
      assert.deepEqual(scratch.run(thread, [{ number: SYS.getpid, args: [] }]), [pid]);
      const requestStop = thread.requestStop.bind(thread);
      let seen = count();
      thread.requestStop = () => {
        // It goes on, much farther than it gets between the release and the next look.
        const far = seen + 100_000_000n;
        while (seen < far) seen = count();
        requestStop();
      };
      assert.throws(() => scratch.run(thread, [{ number: SYS.getpid, args: [] }]), ThreadContinued);
      thread.requestStop = requestStop;
      assert.throws(() => scratch.run(thread, [{ number: SYS.getpid, args: [] }]), ThreadContinued);
      scratch.close(thread);
      stopped.release();
      const released = count();
      while (count() === released);
      assert.ok(count() > seen, `it counted to ${seen}, and then ${count()}`);
    } finally {
      process.kill(pid, 'SIGKILL');
    }
  }));

test('a signal that comes with the answer of a repeated call neither hides nor loses it', () =>
  inDirectory(async (directory) => {
    const [hanging, told, program] = ['hanging', 'told', 'asker.py'].map((name) => join(directory, name)) as [
      string,
      string,
      string,
    ];
    mkdirSync(hanging);
    writeFileSync(program, ASKER);
    let device = openSync('/dev/fuse', 'r+');
    const options = 'fd=3,rootmode=40000,user_id=0,group_id=0';
    execFileSync('mount', ['-i', '-t', 'fuse', '-o', options, 'ordeal-hanging', hanging], {
      stdio: ['ignore', 'ignore', 'inherit', device],
    });
    try {
      const pid = start(`exec python3 ${program} ${hanging} ${told} ${SYS.statx}`);
      while (
        !existsSync(`${told}.ready`) ||
        !readFileSync(`/proc/${pid}/syscall`, 'latin1').startsWith(`${SYS.statx} `)
      )
        await sleep(5);
      const thread = TracedThread.attach(pid);
      assert.ok(thread);
      process.kill(pid, 'SIGUSR1');
      closeSync(device);
      device = -1;
      // It stops to have its signal delivered, and only then is it asked to stop.
      while (!/^State:\tt/m.test(readFileSync(`/proc/${pid}/status`, 'latin1')));
      thread.requestStop();
      assert.equal(thread.awaitStop(performance.now() + 10_000, [ERRNO.ECONNABORTED, ERRNO.ENOTCONN]), true);
      // Other machines do not tell which call it was.
      const known = process.arch === 'x64';
      assert.equal(thread.repeated?.number, known ? SYS.statx : undefined);
      thread.answerRepeated(42);
      thread.release();
      while (!existsSync(told) || !readFileSync(told, 'utf8').endsWith('\n')) await sleep(5);
      assert.equal(readFileSync(told, 'utf8'), known ? '42 1\n' : '-1 1\n');
    } finally {
      if (device >= 0) closeSync(device);
      execFileSync('umount', ['-l', hanging]);
    }
  }));
