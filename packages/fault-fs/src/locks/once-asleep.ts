import { type Handling, LATER, type Parking, type Request } from '@ordeal/fuse';
import { readCall } from './mark-lock.js';

/** Milliseconds between two checks, and their maximum number: after a second it continues without the information. */
const PAUSE = 0.2;
const LOOKS = 5_000;

/**
 * Continues when the calling thread sleeps: only then can its system call be read (man 5 proc_pid_syscall). As long
 * as it is on its way to sleep, or waits for a CPU to do so, it cannot get any further either. Others are served
 * meanwhile.
 *
 * @param identity what others do can only be read as the server itself
 * @param go is called at once or later, with the request as it is then
 */
export function onceAsleep(
  identity: { resume(): void },
  request: Request,
  parking: Parking,
  go: (request: Request) => Handling,
  looks = LOOKS,
): Handling {
  identity.resume();
  if (looks === 0 || readCall(request.pid) !== 'running') return go(request);
  parking.park(request, PAUSE, (later, _reply, occasion) =>
    // At a signal or the end of the faults there is no time to wait.
    onceAsleep(identity, later, parking, go, occasion === 'due' ? looks - 1 : 0),
  );
  return LATER;
}
