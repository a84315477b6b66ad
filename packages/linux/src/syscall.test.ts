import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fd, leakedFds, traceFds } from './fd.js';
import { syscall, trySyscall } from './syscall.js';
import { SyscallError } from './syscall-error.js';
import { SYS } from './syscall-numbers.js';

test('getpid agrees with Node', () => assert.equal(trySyscall(SYS.getpid), process.pid));

test('a refusal carries the name of its errno', () => {
  assert.equal(trySyscall(SYS.close, -1), -9);
  assert.throws(
    () => syscall('close(-1)', SYS.close, -1),
    (error: unknown) => error instanceof SyscallError && error.message === 'close(-1): EBADF',
  );
});

test('bytes are passed by address', () => {
  const path = new TextEncoder().encode('/proc/self/comm\0');
  const fd = new Fd(syscall('openat', SYS.openat, -100, path, 0), 'comm');
  const bytes = new Uint8Array(32);
  const length = syscall('read', SYS.read, fd.number, bytes, bytes.length);
  assert.match(new TextDecoder().decode(bytes.subarray(0, length)), /^\S+\n$/);
  fd.close();
  fd.close();
  assert.equal(fd.number, -1);
});

test('a descriptor that is never closed is reported with where it came from', () => {
  traceFds();
  const fd = new Fd(
    syscall('openat', SYS.openat, -100, new TextEncoder().encode('/\0'), 0),
    'the root directory',
  );
  assert.match(leakedFds().join('\n'), /the root directory \(fd \d+\)\n.*syscall\.test/s);
  fd.close();
  assert.deepEqual(leakedFds(), []);
});
