import { ERRNO, OrdealError } from '@ordeal/diagnostics';
import {
  findKernelEntry,
  isStillEntry,
  type KernelEntry,
  listProcesses,
  StoppedProcess,
  ThreadGone,
  ThreadWentOn,
} from '@ordeal/linux';
import { lockedInodes, type TransferContext } from './description-state.js';
import { raiseDescriptorLimit } from './descriptor-limit.js';
import { surveyDirectories } from './directories.js';
import { installExecutable } from './executable.js';
import { isGone } from './file-table.js';
import { installDescriptors, processLocks } from './install-descriptors.js';
import { installDirectories } from './install-directories.js';
import { installMappings, openSuccessor } from './install-mappings.js';
import { describeMapping } from './mapping-survey.js';
import type { DeadServer, Found, MoveOptions } from './move.js';
import type { OldSide } from './old-side.js';
import { hasWork, type ProcessSurvey, type SurveyedProcess } from './process-survey.js';
import { MAX_GIVEN, RemoteProcess } from './remote-process.js';
import { answerAppends } from './repeated-appends.js';
import { answerChange } from './repeated-changes.js';
import type { MovedProcess } from './report.js';
import { mayHoldUnwritten } from './unwritten-pages.js';

/** One pass: all processes with something to move are stopped together. */
export interface PassRequest {
  readonly pids: readonly number[];
  /** All processes of this machine before any was looked at; those that start meanwhile are added. */
  readonly existing: Set<number>;
  /** Processes that were looked at while all ran. */
  readonly known: ReadonlySet<number>;
  readonly options: MoveOptions;
  readonly oldSide: OldSide;
  /** Records what has not been written back to a dead server. */
  readonly noteUnwritten: () => void;
  readonly survey: (pid: number) => Found | undefined;
  readonly process: (pid: number) => SurveyedProcess;
  readonly report: Map<number, MovedProcess>;
}

const STOP_TIMEOUT_MS = 2000;
/** Threads that do not wait stop at once, where they get a processor. */
const QUIET_TIMEOUT_MS = 1000;
/** What those are told who wait when a connection ends, and those who come afterwards. */
const REFUSED_BY_DEAD = [ERRNO.ECONNABORTED, ERRNO.ENOTCONN];

/**
 * Stops the processes, moves what they have on the old side and lets them go. All of them are stopped before the first
 * is touched: a process that shares a description, a lock or a mapped file must not run on one side while that
 * one is on the other, and a process started by one that was still running is found before any has changed.
 */
export function movePass(request: PassRequest): void {
  const stopped = new Map<number, StoppedProcess>();
  lockedInodes();
  try {
    stopAll(request, stopped);
    request.options.reached?.('stopped');
    // The kernel writes a whole file back, or tries to, when the first mapping of it is replaced.
    for (const process of stopped.values()) saveUnwritten(request, process.pid);
    const { dead } = request.options;
    if (dead) {
      const last = dead.lastAppend();
      const change = dead.lastChange();
      for (const process of stopped.values()) {
        attempt(request, process, () => answerAppends(process, request.survey(process.pid)?.survey, last));
        attempt(request, process, () => answerChange(process, change));
      }
    }
    const context: TransferContext = {
      lockedInodes: lockedInodes(),
      writeBack: request.options.writeBack ?? false,
      heldLocks: request.options.heldLocks,
    };
    for (const process of stopped.values())
      attempt(request, process, () => moveProcess(request, process, context));
  } finally {
    releaseAll(request, [...stopped.values()]);
  }
}

/** Whatever happens to one process, the others are released. */
function releaseAll(request: PassRequest, [first, ...rest]: readonly StoppedProcess[]): void {
  if (!first) return;
  try {
    entryOf(request.report, first.pid).stopsMs.push(first.release());
  } finally {
    releaseAll(request, rest);
  }
}

function stopAll(request: PassRequest, stopped: Map<number, StoppedProcess>): void {
  const { pids, existing, known, options, survey } = request;
  const stop = (pid: number) => {
    const process = StoppedProcess.stop(pid, options.stopTimeoutMs ?? STOP_TIMEOUT_MS);
    if (process) stopped.set(pid, process);
  };
  if (options.dead) stopWaiting(request, options.dead, stopped);
  else for (const pid of pids) stop(pid);
  const seen = new Set(known);
  // Telling who sees the tree takes long where there are many processes; only new ones make it necessary.
  for (let fresh = appeared(existing); fresh.length > 0; fresh = appeared(existing)) {
    for (const pid of options.processes(fresh)) {
      if (seen.has(pid)) continue;
      seen.add(pid);
      const late = survey(pid);
      if (late && typeof late.means !== 'string' && hasWork(late.survey)) stop(pid);
    }
  }
}

/** Stops processes that may wait for a dead server. */
function stopWaiting(
  { pids, options: { stopTimeoutMs }, noteUnwritten }: PassRequest,
  dead: DeadServer,
  stopped: Map<number, StoppedProcess>,
): void {
  for (const pid of pids) stopped.set(pid, StoppedProcess.ask(pid, REFUSED_BY_DEAD));
  // A thread that still runs may write to a mapping and have the page sent to the server, and it would not be noted.
  for (const process of stopped.values()) process.awaitQuiet(QUIET_TIMEOUT_MS);
  noteUnwritten();
  dead.endConnection();
  for (const process of [...stopped.values()]) {
    if (process.await(stopTimeoutMs ?? STOP_TIMEOUT_MS)) continue;
    process.release();
    stopped.delete(process.pid);
  }
}

/** Processes that were started since the last call. */
function appeared(existing: Set<number>): number[] {
  const fresh = listProcesses().filter((pid) => !existing.has(pid));
  for (const pid of fresh) existing.add(pid);
  return fresh;
}

/** If something cannot be saved, its mapping stays and keeps the data. */
function saveUnwritten({ options, oldSide, survey, process, report }: PassRequest, pid: number): void {
  const { dead, openOnNewSide } = options;
  if (!dead) return;
  for (const mapping of survey(pid)?.survey.mappings.filter(mayHoldUnwritten) ?? []) {
    const file = openSuccessor(pid, mapping, { oldSide, openOnNewSide, writeBack: false });
    if (typeof file === 'string') continue;
    try {
      entryOf(report, pid).savedBytes += dead.unwritten.save(pid, mapping, file);
    } catch (error) {
      if (isGone(error)) return;
      const reason = `holds data that cannot be saved: ${(error as Error).message}`;
      process(pid).refuse({ what: describeMapping(mapping), reason });
    } finally {
      file.close();
    }
  }
}

/**
 * A process that is killed meanwhile, or cannot be made to call anything, does not stop the others from being moved.
 */
function attempt(request: PassRequest, stopped: StoppedProcess, action: () => void): void {
  try {
    action();
  } catch (error) {
    // What it still has on the old side is for the next pass.
    if (error instanceof ThreadWentOn) return;
    if (error instanceof ThreadGone || isGone(error)) entryOf(request.report, stopped.pid).ended = true;
    else if (error instanceof OrdealError && error.code === 'ORD-752') {
      request.process(stopped.pid).refuseAll(error.message);
    } else throw error;
  }
}

function moveProcess(request: PassRequest, stopped: StoppedProcess, context: TransferContext): void {
  const found = request.survey(stopped.pid);
  if (!found || typeof found.means === 'string' || !hasWork(found.survey)) return;
  const { survey, means } = found;
  const entry = entryOf(request.report, stopped.pid);
  entry.threads = stopped.threads.length;
  const kernelEntry = stillValid(stopped.pid, means.entry);
  const remote = new RemoteProcess(stopped, kernelEntry);
  const restoreLimit = raiseDescriptorLimit(stopped.pid, highestNumber(survey) + MAX_GIVEN + 8);
  try {
    const locks = survey.tables.map(({ table, held }) => processLocks(table, held, context));
    request.options.reached?.('prepared');
    moveMappings(request, remote, survey, context, entry);
    if (survey.executable) moveExecutable(request, remote);
    moveDirectories(request, remote, survey, entry);
    request.options.reached?.('mapped');
    for (const [index, { table, held }] of survey.tables.entries()) {
      const channel = remote.channelOf(table.tid);
      entry.descriptors += installDescriptors(table, channel, held, locks[index] ?? [], context);
    }
    request.options.reached?.('moved');
  } finally {
    restoreLimit();
    remote.close();
  }
}

/** The process may have executed another program after its entry was found. */
function stillValid(pid: number, known: KernelEntry): KernelEntry {
  if (isStillEntry(pid, known)) return known;
  const found = findKernelEntry(pid);
  if (typeof found === 'string') throw new OrdealError('ORD-752', `process ${pid} ${found}`);
  return found;
}

function moveMappings(
  { options, oldSide, process }: PassRequest,
  remote: RemoteProcess,
  survey: ProcessSurvey,
  { writeBack }: TransferContext,
  entry: MovedProcess,
): void {
  const [thread] = remote.stopped.threads;
  if (survey.mappings.length === 0 || !thread) return;
  const channel = remote.channelOf(thread.tid);
  const { openOnNewSide } = options;
  const left = installMappings(survey.pid, channel, survey.mappings, { oldSide, openOnNewSide, writeBack });
  for (const refusal of left) process(survey.pid).refuse(refusal);
  entry.mappings += survey.mappings.length - left.length;
}

/** After the mappings: what is mapped still is what the process executes. */
function moveExecutable({ options, oldSide, process }: PassRequest, remote: RemoteProcess): void {
  const { pid, threads } = remote.stopped;
  const channel = threads[0] && remote.channelOf(threads[0].tid);
  const left = channel && installExecutable(pid, channel, oldSide, options.openOnNewSide);
  if (left) process(pid).refuse(left);
}

function moveDirectories(
  { options, oldSide, process }: PassRequest,
  remote: RemoteProcess,
  survey: ProcessSurvey,
  entry: MovedProcess,
): void {
  for (const { tid } of survey.directories) {
    const { move, left } = surveyDirectories(survey.pid, tid, oldSide, options.openOnNewSide);
    if (move) {
      left.push(...installDirectories(remote.channelOf(tid), move));
      entry.directories += (move.root ? 1 : 0) + (move.workingMoves ? 1 : 0) - left.length;
      move.root?.close();
      move.working.close();
    }
    for (const refusal of left) process(survey.pid).refuse(refusal);
  }
}

function highestNumber(survey: ProcessSurvey): number {
  let highest = 0;
  for (const { held } of survey.tables) for (const { number } of held) highest = Math.max(highest, number);
  return highest;
}

function entryOf(report: Map<number, MovedProcess>, pid: number): MovedProcess {
  const known = report.get(pid);
  if (known) return known;
  const entry = {
    pid,
    threads: 0,
    descriptors: 0,
    directories: 0,
    mappings: 0,
    savedBytes: 0,
    stopsMs: [],
    ended: false,
  };
  report.set(pid, entry);
  return entry;
}
