import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { OrdealError } from '@ordeal/diagnostics';
import type { CommandCgroup } from '../command-cgroup.js';
import { OutputTail } from './output-tail.js';
import type { RunExit } from './run-exit.js';

/**
 * Name of the thread that becomes the command, at most 15 characters; distinguishes its requests from the command's.
 */
export const LAUNCHER_NAME = 'ordeal-launcher';
/** Enters the cgroup (`$1` is its file of processes) and becomes the command. `$0` is its name in messages. */
const LAUNCHER = `echo ${LAUNCHER_NAME} > /proc/$$/comm; echo $$ > "$1" || exit 126; shift; exec "$@"`;
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
  const { cgroup, command, limitMs, keep, signal } = request;
  const started = performance.now();
  const child = launch(request);
  const [stdout, stderr] = [new OutputTail(keep), new OutputTail(keep)];
  child.stdout?.on('data', (chunk: Buffer) => stdout.add(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.add(chunk));
  const kill = () => {
    child.kill('SIGKILL');
    cgroup.kill();
  };
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    kill();
  }, limitMs);
  signal.addEventListener('abort', kill, { once: true });
  if (signal.aborted) kill();
  try {
    const closed = once(child, 'close');
    closed.catch(() => undefined);
    // Not reaped even after a kill: it sleeps in the kernel.
    const dead = sleep(limitMs + GRACE, undefined, { ref: false });
    const [code, name] = ((await Promise.race([once(child, 'exit'), dead])) ?? []) as [number?, string?];
    const elapsedMs = performance.now() - started;
    clearTimeout(limit);
    const gone = await emptied(cgroup);
    await Promise.race([closed, sleep(GRACE, undefined, { ref: false })]);
    const exit: RunExit = late ? { kind: 'limit', limitMs } : exitOf(code, name);
    return { exit, elapsedMs: Math.round(elapsedMs), stdout: stdout.finish(), stderr: stderr.finish(), gone };
  } catch (cause) {
    throw new OrdealError('ORD-303', `${command[0]} could not be started: no /bin/sh`, { cause });
  } finally {
    clearTimeout(limit);
    signal.removeEventListener('abort', kill);
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}

function launch({ cgroup, command, stdin }: CapturedRequest): ChildProcess {
  const input = openSync(stdin ?? '/dev/null', 'r');
  try {
    const processes = `${cgroup.cgroup.path}/cgroup.procs`;
    return spawn('/bin/sh', ['-c', LAUNCHER, 'ordeal', processes, ...command], {
      // By its path: it may lie in a volume that was covered since this process entered it.
      cwd: process.cwd(),
      stdio: [input, 'pipe', 'pipe'],
      detached: true,
    });
  } finally {
    closeSync(input);
  }
}

function exitOf(code: number | null | undefined, signal: string | null | undefined): RunExit {
  return typeof code === 'number'
    ? { kind: 'exited', code }
    : { kind: 'killed', signal: signal ?? 'SIGKILL' };
}

/** Kills the processes left in the cgroup and waits until they have ended. */
async function emptied(cgroup: CommandCgroup): Promise<boolean> {
  for (let waited = 0; cgroup.populated; waited += 5) {
    if (waited >= GRACE) return false;
    cgroup.kill();
    await sleep(5);
  }
  return true;
}
