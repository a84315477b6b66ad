// How many system calls a process makes: a perf counter on the tracepoint that each of them passes. It stops nobody, so that a
// server is counted as it is measured.
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, readdirSync, readFileSync, readSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SYS, trySyscall } from '@ordeal/linux';

// struct perf_event_attr, include/uapi/linux/perf_event.h: type 0, size 4, config 8; flags 40, of which bit 1 is `inherit`.
const ATTR_SIZE = 112;
const PERF_TYPE_TRACEPOINT = 2;
const INHERIT = 1 << 1;
const PERF_FLAG_FD_CLOEXEC = 8;

/**
 * @param {number} pid of the process, with all its threads
 * @param {() => Promise<{ value: number, count: number } | { refusal: string }>} run makes it work
 * @returns {Promise<number | undefined>} calls for each operation that `run` counted; undefined where this kernel has no
 *   tracepoints, or the run was refused
 */
export async function callsPerOperation(pid, run) {
  const id = tracepoint();
  if (id === undefined) return undefined;
  const counters = readdirSync(`/proc/${pid}/task`).map((tid) => openCounter(id, Number(tid)));
  try {
    const outcome = await run();
    if ('refusal' in outcome) return undefined;
    return counters.map(readCounter).reduce((sum, each) => sum + each, 0) / outcome.count;
  } finally {
    for (const counter of counters) closeSync(counter);
  }
}

let known;

/** The number of raw_syscalls:sys_enter, which only tracefs tells. */
function tracepoint() {
  if (known !== undefined) return known.id;
  const place = mkdtempSync(join(tmpdir(), 'ordeal-tracefs-'));
  try {
    execFileSync('mount', ['-t', 'tracefs', 'ordeal-bench', place], { stdio: 'ignore' });
    known = { id: Number(readFileSync(join(place, 'events/raw_syscalls/sys_enter/id'), 'latin1')) };
    execFileSync('umount', [place]);
  } catch {
    process.stderr.write('system calls are not counted: this kernel has no tracepoint for them\n');
    known = { id: undefined };
  } finally {
    rmdirSync(place);
  }
  return known.id;
}

/** @returns {number} its descriptor */
function openCounter(id, tid) {
  const attr = new Uint8Array(ATTR_SIZE);
  const view = new DataView(attr.buffer);
  view.setUint32(0, PERF_TYPE_TRACEPOINT, true);
  view.setUint32(4, ATTR_SIZE, true);
  view.setUint32(8, id, true);
  view.setUint32(40, INHERIT, true);
  const fd = trySyscall(SYS.perf_event_open, attr, tid, -1, -1, PERF_FLAG_FD_CLOEXEC);
  if (fd < 0) throw new Error(`perf_event_open for thread ${tid}: errno ${-fd}`);
  return fd;
}

function readCounter(fd) {
  const count = Buffer.alloc(8);
  readSync(fd, count, 0, count.length, null);
  return Number(count.readBigUInt64LE());
}
