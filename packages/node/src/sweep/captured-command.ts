import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { OrdealError } from '@ordeal/diagnostics';
import type { ProcessExit } from '@ordeal/linux';
import type { CommandCgroup } from '../command-cgroup.js';
import { ChildInCgroup } from './child-in-cgroup.js';
import { OutputTail } from './output-tail.js';
import type { RunExit } from './run-exit.js';

/**
 * Name of the thread that becomes the command, at most 15 characters; distinguishes its requests from the command's.
 */
export const LAUNCHER_NAME = 'ordeal-launcher';
/** Milliseconds that killed processes get to end. */
const GRACE = 5_000;

/** Bytes of output that are kept of a run, and of one whose output is shown or checked. */
export const KEEP = 16 * 1024;
export const KEEP_SHOWN = 1024 * 1024;

/** A command that is run with its output captured. */
export interface CapturedRequest {
  /** Holds no process, before or after. */
  readonly cgroup: CommandCgroup;
  readonly command: readonly string[];
  /** A file that is its standard input from the start; undefined = nothing. */
  readonly stdin: string | undefined;
  readonly limitMs: number;
  /** Bytes that are kept of the end of each stream. */
  readonly keep: number;
  /** Kills the command. */
  readonly signal: AbortSignal;
}

/** How it ended. */
export interface Captured {
  readonly exit: RunExit;
  readonly elapsedMs: number;
  readonly stdout: { readonly sha256: string; readonly text: string };
  readonly stderr: { readonly sha256: string; readonly text: string };
  /** Whether all processes have ended; one that sleeps in the kernel cannot be killed. */
  readonly gone: boolean;
}

/**
 * Runs a command in a cgroup to its end or the limit. Processes that it leaves are killed. It has a session of its
 * own: Ctrl-C is for the sweep, which then kills it.
 */
export async function runCaptured(request: CapturedRequest): Promise<Captured> {
  const { cgroup, limitMs, keep, signal } = request;
  const started = performance.now();
  const child = launch(request);
  const [stdout, stderr] = [new OutputTail(keep), new OutputTail(keep)];
  child.stdout.on('data', (chunk: Buffer) => stdout.add(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
  const closed = Promise.all([once(child.stdout, 'close'), once(child.stderr, 'close')]);
  const kill = () => cgroup.kill();
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    kill();
  }, limitMs);
  signal.addEventListener('abort', kill, { once: true });
  if (signal.aborted) kill();
  try {
    // Not reaped even after a kill: it sleeps in the kernel.
    const dead = sleep(limitMs + GRACE, undefined, { ref: false });
    const ended = await Promise.race([child.ended, dead]);
    const elapsedMs = performance.now() - started;
    clearTimeout(limit);
    const gone = await emptied(cgroup);
    await Promise.race([closed, sleep(GRACE, undefined, { ref: false })]);
    const exit: RunExit = late ? { kind: 'limit', limitMs } : runExitOf(ended);
    return { exit, elapsedMs: Math.round(elapsedMs), stdout: stdout.finish(), stderr: stderr.finish(), gone };
  } finally {
    clearTimeout(limit);
    signal.removeEventListener('abort', kill);
    child.close();
  }
}

function launch({ cgroup, command, stdin = '/dev/null' }: CapturedRequest): ChildInCgroup {
  try {
    return ChildInCgroup.start({ cgroup: cgroup.room, command, stdin, name: LAUNCHER_NAME });
  } catch (cause) {
    throw new OrdealError('ORD-303', `${command[0]} could not be started`, { cause });
  }
}

function runExitOf(ended: ProcessExit | undefined): RunExit {
  if (ended && 'code' in ended) return { kind: 'exited', code: ended.code };
  return { kind: 'killed', signal: ended?.signal ?? 'SIGKILL' };
}

/** Kills the processes left in the cgroup and waits until they have ended. */
async function emptied(cgroup: CommandCgroup): Promise<boolean> {
  const begun = performance.now();
  while (cgroup.populated) {
    if (performance.now() - begun >= GRACE) return false;
    cgroup.kill();
    await sleep(1);
  }
  return true;
}
