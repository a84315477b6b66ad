import { O_CLOEXEC } from './fcntl-flags.js';
import { syscall } from './syscall.js';
import { SYS } from './syscall-numbers.js';

/** The ends of a pipe that no program inherits, to read and to write; both are the caller's. @throws SyscallError */
export function openPipe(): [reading: number, writing: number] {
  const ends = new Int32Array(2);
  syscall('pipe2', SYS.pipe2, new Uint8Array(ends.buffer), O_CLOEXEC);
  const [reading = -1, writing = -1] = ends;
  return [reading, writing];
}
