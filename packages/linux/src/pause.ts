import { StructWriter } from './bytes.js';
import { trySyscall } from './syscall.js';
import { SYS } from './syscall-numbers.js';

/** include/uapi/linux/prctl.h */
const PR_SET_TIMERSLACK = 29;
/** Nanoseconds by which the kernel may delay the end of a sleep, by default 50 000: longer than a short pause. */
const SLACK = 1000;
const DEFAULT_SLACK = 0;

/** Blocks the calling thread for some milliseconds, less than 1000. Short pauses are as short as they should be. */
export function pause(milliseconds: number): void {
  // struct timespec: seconds, nanoseconds
  const timeout = new StructWriter(16).u64(8, Math.round(milliseconds * 1e6)).bytes;
  // Threads and children that are started later would inherit it.
  trySyscall(SYS.prctl, PR_SET_TIMERSLACK, SLACK);
  trySyscall(SYS.ppoll, 0, 0, timeout, 0, 0);
  trySyscall(SYS.prctl, PR_SET_TIMERSLACK, DEFAULT_SLACK);
}
