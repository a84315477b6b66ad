// A program that moves processes: see MoverJob. A process of its own, since it blocks and waits for the server of the file
// system. It makes one move after the other, as long as each leaves nothing behind.
import { fstatSync, readdirSync } from 'node:fs';
import { OrdealError } from '@ordeal/diagnostics';
import { raiseDescriptorLimit, readAppendRecord, readChangeRecord } from '@ordeal/fault-fs';
import { abortConnection } from '@ordeal/fuse';
import {
  allThreadsRestored,
  type Fd,
  openPidfd,
  pullDescriptor,
  SYS,
  tracesThreads,
  trySyscall,
} from '@ordeal/linux';
import type { OpenOnNewSide, OpenRequest } from '@ordeal/move';
import {
  type DeadServer,
  HeldFiles,
  Move,
  type MoveStep,
  mountsBelow,
  OldSide,
  processesSeeing,
  sameFilesBelow,
  UnwrittenPages,
} from '@ordeal/move';
import { reached } from '../steps.js';
import type { MoverAnswer, MoverJob, MoverMessage } from './mover-job.js';
import { planWithinLimit } from './plan-within-limit.js';
import { ServedLocks } from './served-locks.js';

/** Larger than struct statfs on any architecture. */
const STATFS_SIZE = 256;

// Every open file is held twice: on the old side and on the new one.
const limit = raiseDescriptorLimit();
process.on('disconnect', leave);
process.on('message', work);
if (!process.connected) process.exit(0);

function work(job: MoverJob): void {
  // If its parent died before it could record this mover, no recovery knows of it.
  if (process.ppid !== job.parent) process.exit(1);
  const before = openDescriptors();
  const sides = pullSides(job);
  if (job.oldSide === 'served') {
    say({ kind: 'asking' });
    trySyscall(SYS.fstatfs, sides.from, new Uint8Array(STATFS_SIZE));
    say({ kind: 'answered' });
  }
  const answer = perform({ ...job, ...sides });
  sides.close();
  say(answer, job.kind === 'run' ? () => void rest(job, before) : undefined);
}

/** A descriptor of the old side would keep it in use, and a thread has one tracer: with something left, this process ends. */
async function rest({ oldSide }: MoverJob, before: number): Promise<void> {
  await allThreadsRestored();
  if (oldSide === 'dead' || tracesThreads() || openDescriptors() !== before || !process.connected) leave();
  else say({ kind: 'ready' });
}

function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** The job with descriptors of this process. */
type OwnJob = MoverJob & { readonly from: number };

/** The roots of the sides, open here until `close`. */
function pullSides({ parent, from, to }: MoverJob) {
  const pidfd = openPidfd(parent);
  const pull = (number: number | undefined): Fd | undefined =>
    number === undefined ? undefined : pullDescriptor(pidfd, number);
  const [newRoot, oldRoot] = [pull(to), pull(from)];
  pidfd.close();
  return {
    to: newRoot?.number ?? -1,
    from: oldRoot?.number ?? -1,
    close: () => {
      newRoot?.close();
      oldRoot?.close();
    },
  };
}

/** A thread whose call has not returned yet needs its tracer to restore its registers. */
function leave(): void {
  void allThreadsRestored().then(() => process.exit(0));
}

function say(message: MoverMessage, then: () => void = () => undefined): void {
  process.send?.(message, then);
}

function perform(job: OwnJob): MoverAnswer {
  const from = oldSide(job);
  const processes = (among?: readonly number[]) => [
    ...new Set([...processesSeeing(job.pid, job.except, among), ...others(job, among)]),
  ];
  const reachedStep = (step: MoveStep | 'begun') => {
    if (job.kind === 'run') reached(job.oldSide === 'bare' ? 'mover there' : 'mover back', step);
  };
  const move = new Move({
    from,
    openOnNewSide: newSide(job),
    processes,
    writeBack: job.oldSide === 'served',
    ...(job.descriptorKeeper !== undefined &&
      job.locksHeld && { heldLocks: new ServedLocks(job.descriptorKeeper, job.oldSide === 'dead') }),
    ...(job.oldSide === 'dead' && { dead: deadServer(job) }),
    reached: reachedStep,
    beforeStop: () => globalThis.gc?.({ type: 'minor', execution: 'sync' }),
    // After the way back nothing may need the server.
    executables: job.oldSide !== 'bare',
  });
  try {
    move.noteUnwritten();
    reachedStep('begun');
    return job.kind === 'plan'
      ? { kind: 'planned', plan: planWithinLimit({ move, oldSide: from, processes, limit }) }
      : { kind: 'moved', report: move.run() };
  } catch (error) {
    const code = error instanceof OrdealError ? error.code : 'ORD-712';
    return { kind: 'refused', code, refusal: error instanceof Error ? error.message : String(error) };
  } finally {
    move.close();
  }
}

/** What is mounted below a bare volume is seen through the new side, too; on a server's side nothing is. */
function oldSide({ detached, oldSide, pid, from }: OwnJob): OldSide {
  if (detached) return new OldSide(detached);
  return oldSide === 'bare' ? new OldSide(from, mountsBelow(pid, from)) : new OldSide(from, undefined, true);
}

function deadServer({ rescue, connection, descriptorKeeper }: MoverJob): DeadServer {
  let standing = connection;
  const endConnection = () => {
    if (standing !== undefined) abortConnection(standing);
    standing = undefined;
  };
  return {
    unwritten: new UnwrittenPages(rescue ?? 'unwritten'),
    endConnection,
    lastAppend: () => (descriptorKeeper === undefined ? undefined : readAppendRecord(descriptorKeeper)),
    lastChange: () => (descriptorKeeper === undefined ? undefined : readChangeRecord(descriptorKeeper)),
  };
}

function others(job: MoverJob, among = job.also): number[] {
  return job.also.filter((pid) => pid !== process.pid && !job.except.includes(pid) && among.includes(pid));
}

/** The device differs on the two sides, the inode number does not; a live server is asked for the current one. */
function newSide(job: OwnJob): OpenOnNewSide {
  const byName = sameFilesBelow(job.to, {
    isSame: (opened, old) =>
      job.trustNames ||
      opened.inode === old.inode ||
      // A root that was opened only with O_PATH still has FUSE_ROOT_ID as its inode number.
      (job.oldSide !== 'bare' && old.mountRoot),
    // A deleted file must not be replaced with another one of the same name.
    lostNames: job.oldSide === 'dead' && !job.trustNames,
  });
  const held = job.descriptorKeeper === undefined ? undefined : new HeldFiles(job.descriptorKeeper, job.to);
  return (request) => {
    const current = job.oldSide === 'served' ? asServed(request) : request;
    const opened = byName(current);
    return typeof opened === 'string' ? (held?.open(current) ?? opened) : opened;
  };
}

function asServed(request: OpenRequest): OpenRequest {
  try {
    const { ino } = fstatSync(request.descriptor, { bigint: true });
    return { ...request, identity: { ...request.identity, inode: ino } };
  } catch {
    return request;
  }
}
