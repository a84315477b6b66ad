import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** Steps that are over sooner are not worth a line. */
const PATIENCE_MS = 2000;
/** Where lines cannot be rewritten, a long step is reported again after this time. */
const REPEAT_MS = 30_000;
const ERASE = '\r\x1b[K';
/** Lines of a failed program's output that are shown. */
const TAIL = 30;

/** `41 ms`, `7.3 s`, `5 min 31 s` */
export function span(milliseconds) {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/**
 * Does something that may take long, and says so: what, for how long already, and the estimate given.
 *
 * @template T
 * @param {string} what for example `installing npm packages`
 * @param {string} estimate for example `about 10 s`
 * @param {() => Promise<T>} action
 * @returns {Promise<T>}
 */
export async function step(what, estimate, action) {
  const live = process.stderr.isTTY === true;
  const start = performance.now();
  let told = false;
  const tell = () => {
    const text = `${what}: ${span(performance.now() - start)} so far, usually ${estimate}`;
    process.stderr.write(live ? ERASE + text : `${text}\n`);
    told = true;
  };
  let repeat;
  const first = setTimeout(() => {
    tell();
    repeat = setInterval(tell, live ? 1000 : REPEAT_MS);
  }, PATIENCE_MS);
  const done = () => {
    clearTimeout(first);
    clearInterval(repeat);
    if (told && live) process.stderr.write(ERASE);
  };
  try {
    const result = await action();
    done();
    if (told) process.stderr.write(`${what}: done in ${span(performance.now() - start)}\n`);
    return result;
  } catch (error) {
    done();
    throw error;
  }
}

/**
 * Runs a program without showing its output, unless it fails.
 *
 * @param {string[]} argv
 * @param {import('node:child_process').SpawnOptions} options
 */
export async function quietly([program, ...args], options = {}) {
  const { code, output } = await capture([program, ...args], options);
  if (code === 0) return output;
  const tail = output.trimEnd().split('\n').slice(-TAIL).join('\n');
  throw new StepError(`${[program, ...args].join(' ')} failed (${code})\n${tail}`);
}

/** Runs a program; its output and its exit code. */
export function capture([program, ...args], options = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ code: 127, output: error.message }));
    child.on('close', (code, signal) => resolve({ code: code ?? signal, output }));
  });
}

/** Runs a program on this terminal and waits for it; its exit code. Ctrl-C is for the program. */
export function foreground([program, ...args], options = {}) {
  const ignore = () => {};
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, ignore);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: 'inherit' });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      for (const name of ['SIGINT', 'SIGTERM']) process.off(name, ignore);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}

/** A failure that is reported without a stack. */
export class StepError extends Error {
  exitCode = 1;
}

/** Somebody ended the script: whatever comes next is not begun. */
export class Interrupted extends StepError {
  /** @param {'SIGINT' | 'SIGTERM'} signal */
  constructor(signal) {
    super(`ended by ${signal}`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

/** Runs a script's main function; a `StepError` ends it with its message alone. */
export async function main(run) {
  try {
    process.exitCode = (await run()) ?? 0;
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.exitCode;
  }
}
