import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { OrdealError } from '@ordeal/diagnostics';
import { LONG_LIVED } from '@ordeal/linux';
import { HELD_ALREADY, OUTPUT, SOCKET } from './socket-path.js';

/** One file. A literal, so that the bundler finds it. */
const PROGRAM = new URL('../programs/supervisor-process.cjs', import.meta.url);

/**
 * Milliseconds for a supervisor to start and take over the runs of the previous one: with kernel faults under
 * emulation, a minute.
 */
const LIMIT = 300_000;
/** Milliseconds between attempts to connect, and at least between starts. */
const RETRY = 20;
const RESTART = 1_000;
/** Bytes of old output that are kept. */
const OUTPUT_LIMIT = 64 * 1024;
/** No supervisor listens, it has ended before it accepted the connection, or its queue is full. */
const NOT_NOW: readonly unknown[] = ['ENOENT', 'ECONNREFUSED', 'ECONNRESET', 'EAGAIN'];

/**
 * Connects to the supervisor, and starts one if there is none.
 *
 * @param directory the run directory
 * @throws OrdealError ORD-859 if none can be started
 */
export async function connect(directory: string): Promise<Socket> {
  const path = join(directory, SOCKET);
  let started: ChildProcess | undefined;
  let startedAt = Number.NEGATIVE_INFINITY;
  for (const begun = performance.now(); performance.now() - begun < LIMIT; await sleep(RETRY)) {
    const socket = await tryConnect(path);
    if (socket) return socket;
    // It has ended because it found another one, which may have ended since.
    if (started && started.exitCode === null && started.signalCode === null) continue;
    const code = started?.exitCode ?? 0;
    if (code !== 0 && code !== HELD_ALREADY) break;
    if (performance.now() - startedAt < RESTART) continue;
    started = start(directory);
    startedAt = performance.now();
  }
  const last = lastWords(directory);
  throw new OrdealError('ORD-859', `The supervisor of ${directory} could not be started`, {
    detail: last === '' ? [] : [last],
  });
}

/** Undefined if no process listens. @throws OrdealError ORD-859 */
async function tryConnect(path: string): Promise<Socket | undefined> {
  const socket = createConnection(path);
  try {
    await once(socket, 'connect');
    return socket;
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (NOT_NOW.includes(code)) return undefined;
    throw new OrdealError('ORD-859', `${path} cannot be connected to: ${message}`, { cause });
  }
}

/** In its own session, so that neither signals of the terminal nor its hangup reach it. */
function start(directory: string): ChildProcess {
  const output = join(directory, OUTPUT);
  mkdirSync(dirname(output), { recursive: true, mode: 0o700 });
  if ((statSync(output, { throwIfNoEntry: false })?.size ?? 0) > OUTPUT_LIMIT) truncateSync(output);
  const file = openSync(output, 'a', 0o600);
  try {
    const child = spawn(process.execPath, [...LONG_LIVED, fileURLToPath(PROGRAM), directory], {
      cwd: '/',
      detached: true,
      stdio: ['ignore', file, file],
    });
    child.on('error', () => undefined);
    child.unref();
    return child;
  } finally {
    closeSync(file);
  }
}

function lastWords(directory: string): string {
  try {
    return readFileSync(join(directory, OUTPUT), 'utf8').trimEnd().split('\n').at(-1) ?? '';
  } catch {
    return '';
  }
}
