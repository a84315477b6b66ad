import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { withLine } from './classify-run.js';
import { lastLines, OutputTail } from './output-tail.js';
import { exitWords, type RunExit } from './run-exit.js';

/** Bytes that are kept of what a step prints. */
const KEEP = 4096;

/** How a step ended, with the reason if it failed. */
export interface StepResult {
  readonly passed: boolean;
  readonly words: string;
}

/** What the check of a run is told. */
export interface CheckedRun {
  /** What the command had printed, which the check can read. */
  readonly stdout: string;
  /** It had ended by itself: `ORDEAL_ENDED` is 1. */
  readonly ended: boolean;
}

/**
 * Runs a shell command without faults, before or after a run, and kills it with its children at the limit.
 *
 * @param what its name in messages: `check`
 */
export async function runStep(
  what: string,
  script: string,
  limitMs: number,
  signal: AbortSignal,
  after?: CheckedRun,
): Promise<StepResult> {
  const child = spawn('/bin/sh', ['-c', script], {
    cwd: process.cwd(),
    env: { ...process.env, ...(after && { ORDEAL_ENDED: after.ended ? '1' : '' }) },
    stdio: [after ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const output = new OutputTail(KEEP);
  const { stdin, stdout, stderr } = child;
  // It need not read it.
  stdin?.on('error', () => undefined).end(after?.stdout);
  stdout?.on('data', (chunk: Buffer) => output.add(chunk));
  stderr?.on('data', (chunk: Buffer) => output.add(chunk));
  let late = false;
  const kill = () => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    } catch {
      // It has ended since.
    }
  };
  const timer = setTimeout(() => {
    late = true;
    kill();
  }, limitMs);
  signal.addEventListener('abort', kill, { once: true });
  try {
    const [code, name] = (await once(child, 'exit')) as [number | null, string | null];
    const exit: RunExit = late
      ? { kind: 'limit', limitMs }
      : code === null
        ? { kind: 'killed', signal: name ?? 'SIGKILL' }
        : { kind: 'exited', code };
    const passed = exit.kind === 'exited' && exit.code === 0;
    const words = passed ? '' : withLine(`${what}: ${exitWords(exit)}`, lastLines(output.finish().text));
    return { passed, words };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', kill);
    stdout?.destroy();
    stderr?.destroy();
  }
}
