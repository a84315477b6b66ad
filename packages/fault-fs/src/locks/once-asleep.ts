import { type Handling, LATER, type Parking, type Request } from '@ordeal/fuse';
import { type CallInProgress, RUNNING, readCall } from './call-in-progress.js';

/** Milliseconds between two checks, and their maximum number: after a second it continues without the information. */
const PAUSE = 0.2;
const LOOKS = 5_000;

/** What is known of the thread that waits for the answer to a request. */
export interface WaitingThread {
  /** `undefined` if it could not be found out. */
  readonly call: CallInProgress | undefined;
  /** It got a signal, which the kernel does not report a second time. */
  readonly interrupted: boolean;
}

/**
 * Continues when the calling thread sleeps: only then can its system call be read (man 5 proc_pid_syscall). As long
 * as it is on its way to sleep, or waits for a CPU to do so, it cannot get any further either; a signal wakes it only
 * to sleep again until the answer comes. Others are served meanwhile.
 *
 * @param identity what others do can only be read as the server itself
 * @param go is called at once or later, with the request as it is then
 */
export function onceAsleep(
  identity: { resume(): void },
  request: Request,
  parking: Parking,
  go: (request: Request, thread: WaitingThread) => Handling,
  interrupted = false,
  looks = LOOKS,
): Handling {
  identity.resume();
  const call = readCall(request.pid);
  if (call !== RUNNING) return go(request, { call, interrupted });
  if (looks === 0) return go(request, { call: undefined, interrupted });
  parking.park(request, PAUSE, (later, _reply, occasion) =>
    onceAsleep(identity, later, parking, go, interrupted || occasion === 'signal', looks - 1),
  );
  return LATER;
}
