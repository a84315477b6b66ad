import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { OrdealError } from '@ordeal/diagnostics';
import { signalNumber } from './guest-signal.js';

export interface ProgramOptions {
  readonly cwd?: string;
  /** The whole environment; default: this process's. */
  readonly env?: NodeJS.ProcessEnv;
  /** Its output is appended here. */
  readonly logPath?: string;
  /** Called with every line of standard output and standard error. */
  readonly onLine?: (line: string) => void;
  /** Called with every line that it writes to descriptor 3. */
  readonly onStatusLine?: (line: string) => void;
  /** Kills it with all its descendants, at once. */
  readonly signal?: AbortSignal | undefined;
}

export interface ProgramResult {
  /** The exit code; 128 and the signal's number when a signal ended it, 127 when it could not be started. */
  readonly code: number;
  /** The last lines of its output. */
  readonly lastLines: readonly string[];
}

const KEPT_LINES = 15;
/** Milliseconds after SIGTERM until SIGKILL. */
const GRACE = 5_000;

/**
 * Runs a program to its end, without input. It gets a signal when this process dies.
 *
 * @throws OrdealError ORD-612 when the signal ended it; nothing of it runs any more then
 */
export async function runProgram(
  argv: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  const { signal } = options;
  if (signal?.aborted) throw interrupted();
  const log = options.logPath === undefined ? undefined : createWriteStream(options.logPath, { flags: 'a' });
  log?.on('error', () => {});
  const lastLines: string[] = [];
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', ...argv], {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe', options.onStatusLine ? 'pipe' : 'ignore'],
    // A process group of its own can be killed as a whole.
    detached: signal !== undefined,
  });
  const stopping = signal && endGroupWhenAborted(child, signal);
  const onLine = (line: string): void => {
    log?.write(`${line}\n`);
    lastLines.push(line);
    if (lastLines.length > KEPT_LINES) lastLines.shift();
    options.onLine?.(line);
  };
  eachLine(child.stdout as Readable, onLine);
  eachLine(child.stderr as Readable, onLine);
  if (options.onStatusLine) eachLine(child.stdio[3] as Readable, options.onStatusLine);
  const code = await new Promise<number>((resolve) => {
    child.once('error', (error) => {
      onLine(error.message);
      resolve(127);
    });
    child.once('close', (exitCode, signal) => resolve(exitCode ?? 128 + signalNumber(signal ?? 'SIGKILL')));
  });
  stopping?.dispose();
  await new Promise<void>((resolve) => (log ? log.end(resolve) : resolve()));
  if (signal?.aborted) throw interrupted();
  return { code, lastLines };
}

function interrupted(): OrdealError {
  return new OrdealError('ORD-612', 'Preparing the lab was interrupted');
}

function endGroupWhenAborted({ pid }: ChildProcess, signal: AbortSignal): { dispose(): void } {
  let timer: NodeJS.Timeout | undefined;
  const send = (name: NodeJS.Signals) => {
    try {
      if (pid !== undefined) process.kill(-pid, name);
    } catch {} // It has ended.
  };
  const stop = () => {
    send('SIGTERM');
    timer = setTimeout(send, GRACE, 'SIGKILL');
  };
  signal.addEventListener('abort', stop, { once: true });
  return {
    dispose() {
      signal.removeEventListener('abort', stop);
      clearTimeout(timer);
    },
  };
}

function eachLine(stream: Readable, listener: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) listener(line);
  });
  stream.on('end', () => {
    if (rest !== '') listener(rest);
  });
}
