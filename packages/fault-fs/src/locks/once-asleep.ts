import { type Handling, LATER, type Parking, type Request } from '@ordeal/fuse';
import { readCall } from './mark-lock.js';

/** Milliseconds between two looks, and how many there are at most: a second, after which it is done without knowing. */
const PAUSE = 0.2;
const LOOKS = 5_000;

/**
 * Goes on when the thread that asks sleeps: only then can its system call be told (man 5 proc_pid_syscall). As long as it
 * is on its way to sleep, or waits for a CPU to do so, it cannot get any further either. Others are served meanwhile.
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
