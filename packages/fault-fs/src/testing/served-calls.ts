import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { OPCODE } from '@ordeal/fuse';

/** What the engine does for itself: memory, its other threads, and the time where the vdso does not tell it. */
const ENGINE = new Set([
  'brk',
  'clock_gettime',
  'futex',
  'getpid',
  'madvise',
  'mmap',
  'mprotect',
  'mremap',
  'munmap',
  'pkey_mprotect',
  'sched_yield',
]);
/** The server waits for a request; it may have waited in vain. */
const WAIT = 'ppoll';

const names = new Map<number, string>(Object.entries(OPCODE).map(([name, opcode]) => [opcode, name]));

/** The system calls for each request that a server received, from its receipt to the next one: `read statx write`. */
export type ServedCalls = ReadonlyMap<string, readonly string[]>;

/**
 * Traces the serving thread during `body`.
 *
 * @param tid of the thread
 * @param file where strace may write
 * @returns for each kind of request the calls that were made for it, in the order of the requests
 */
export async function servedCalls(tid: number, file: string, body: () => void): Promise<ServedCalls> {
  // Eight bytes of what is read are enough: struct fuse_in_header begins with len and opcode.
  const tracer = spawn('strace', ['-xx', '-s', '8', '-o', file, '-p', String(tid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(tracer, 'exit');
  // It says so once it is attached.
  await once(tracer.stderr, 'data');
  body();
  tracer.kill('SIGINT');
  await ended;
  return byRequest(readFileSync(file, 'latin1'));
}

/** The same, from what strace has written. Pure. */
export function byRequest(trace: string): ServedCalls {
  const served = new Map<string, string[]>();
  let [kind, calls]: [string | undefined, string[]] = [undefined, []];
  const end = () => {
    if (kind !== undefined) served.set(kind, [...(served.get(kind) ?? []), calls.join(' ')]);
    [kind, calls] = [undefined, []];
  };
  for (const line of trace.split('\n')) {
    const name = /^\w+(?=\()/.exec(line)?.[0];
    if (name === undefined || ENGINE.has(name)) continue;
    const received = opcodeRead(line);
    // A read that found nothing is part of waiting, too.
    if (received !== undefined || name === WAIT || / EAGAIN /.test(line)) end();
    if (received !== undefined) kind = names.get(received) ?? String(received);
    if (kind !== undefined) calls.push(name);
  }
  end();
  return served;
}

/** The opcode of the request that a line of strace shows being read from /dev/fuse. */
function opcodeRead(line: string): number | undefined {
  const bytes = /^read\(\d+, "((?:\\x[0-9a-f]{2}){8})"\.\.\., \d{7,}\) = \d+$/.exec(line)?.[1];
  return bytes === undefined ? undefined : Buffer.from(bytes.replaceAll('\\x', ''), 'hex').readUInt32LE(4);
}
