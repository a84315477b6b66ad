import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { signalNumber } from './guest-signal.js';

export interface ProgramOptions {
  readonly cwd?: string;
  /** The whole environment; default: this process's. */
  readonly env?: NodeJS.ProcessEnv;
  /** Everything that it says is appended here. */
  readonly logPath?: string;
  /** Called with every line of standard output and standard error. */
  readonly onLine?: (line: string) => void;
  /** Called with every line that it writes to descriptor 3. */
  readonly onStatusLine?: (line: string) => void;
}

export interface ProgramResult {
  /** The exit code; 128 and the signal's number when a signal ended it, 127 when it could not be started. */
  readonly code: number;
  /** The last lines that it said. */
  readonly lastLines: readonly string[];
}

const KEPT_LINES = 15;

/** Runs a program to its end, without input. It is told to stop when this process dies. Never rejects. */
export async function runProgram(
  argv: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  const log = options.logPath === undefined ? undefined : createWriteStream(options.logPath, { flags: 'a' });
  log?.on('error', () => {});
  const lastLines: string[] = [];
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', ...argv], {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe', options.onStatusLine ? 'pipe' : 'ignore'],
  });
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
  await new Promise<void>((resolve) => (log ? log.end(resolve) : resolve()));
  return { code, lastLines };
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
