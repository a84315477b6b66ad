import { OrdealError } from '@ordeal/diagnostics';
import { findKernelEntry, isStillEntry, type KernelEntry, type StoppedProcess } from '@ordeal/linux';
import type { TransferContext } from './description-state.js';
import { raiseDescriptorLimit } from './descriptor-limit.js';
import { surveyDirectories } from './directories.js';
import { installExecutable } from './executable.js';
import { installDescriptors, processLocks } from './install-descriptors.js';
import { installDirectories } from './install-directories.js';
import { installMappings } from './install-mappings.js';
import { isMovable, type OldSideSurvey } from './old-side-survey.js';
import type { ProcessSurvey } from './process-survey.js';
import { MAX_GIVEN, RemoteProcess } from './remote-process.js';
import type { MovedProcess } from './report.js';

/** Moves what one stopped process has on the old side, and counts it. */
export function moveProcess(
  stopped: StoppedProcess,
  old: OldSideSurvey,
  transfer: TransferContext,
  moved: MovedProcess,
): void {
  const found = old.of(stopped.pid);
  if (!found || !isMovable(found)) return;
  const { survey, means } = found;
  moved.threads = stopped.threads.length;
  const remote = new RemoteProcess(stopped, stillValid(stopped.pid, means.entry));
  const restoreLimit = raiseDescriptorLimit(stopped.pid, highestNumber(survey) + MAX_GIVEN + 8);
  const { reached } = old.options;
  try {
    const locks = survey.tables.map(({ table, held }) => processLocks(table, held, transfer));
    reached?.('prepared');
    moveMappings(remote, survey, old, transfer, moved);
    if (survey.executable) moveExecutable(remote, old);
    moveDirectories(remote, survey, old, moved);
    reached?.('mapped');
    for (const [index, { table, held }] of survey.tables.entries()) {
      const channel = remote.channelOf(table.tid);
      moved.descriptors += installDescriptors(table, channel, held, locks[index] ?? [], transfer);
    }
    reached?.('moved');
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
  remote: RemoteProcess,
  survey: ProcessSurvey,
  old: OldSideSurvey,
  { writeBack }: TransferContext,
  moved: MovedProcess,
): void {
  const [thread] = remote.stopped.threads;
  if (survey.mappings.length === 0 || !thread) return;
  const channel = remote.channelOf(thread.tid);
  const { oldSide, options } = old;
  const { openOnNewSide } = options;
  const left = installMappings(survey.pid, channel, survey.mappings, { oldSide, openOnNewSide, writeBack });
  for (const refusal of left) old.process(survey.pid).refuse(refusal);
  moved.mappings += survey.mappings.length - left.length;
}

/** After the mappings: what is mapped still is what the process executes. */
function moveExecutable(remote: RemoteProcess, old: OldSideSurvey): void {
  const { pid, threads } = remote.stopped;
  const channel = threads[0] && remote.channelOf(threads[0].tid);
  const left = channel && installExecutable(pid, channel, old.oldSide, old.options.openOnNewSide);
  if (left) old.process(pid).refuse(left);
}

function moveDirectories(
  remote: RemoteProcess,
  survey: ProcessSurvey,
  old: OldSideSurvey,
  moved: MovedProcess,
): void {
  for (const { tid } of survey.directories) {
    const { move, left } = surveyDirectories(survey.pid, tid, old.oldSide, old.options.openOnNewSide);
    if (move) {
      left.push(...installDirectories(remote.channelOf(tid), move));
      moved.directories += (move.root ? 1 : 0) + (move.workingMoves ? 1 : 0) - left.length;
      move.root?.close();
      move.working.close();
    }
    for (const refusal of left) old.process(survey.pid).refuse(refusal);
  }
}

function highestNumber(survey: ProcessSurvey): number {
  let highest = 0;
  for (const { held } of survey.tables) for (const { number } of held) highest = Math.max(highest, number);
  return highest;
}
