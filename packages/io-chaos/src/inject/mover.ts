// A program that plans or makes one move and ends: see MoverJob. A process of its own, since it blocks, and waits for the
// server of the file system.
import { fstatSync } from 'node:fs';
import { OrdealError } from '@ordeal/diagnostics';
import { Move } from '../move/move.js';
import { sameFilesBelow } from '../move/same-files.js';
import { processesSeeing } from '../move/selection.js';
import type { OpenOnNewSide } from '../move/sides.js';
import type { MoverAnswer, MoverJob } from './mover-job.js';
import { FIRST_DESCRIPTOR, programArgument } from './start-program.js';

const job = programArgument<MoverJob>();
const answer = perform();
process.send?.(answer, () => process.exit(0));

function perform(): MoverAnswer {
  const move = new Move({
    from: FIRST_DESCRIPTOR,
    openOnNewSide: newSide(),
    processes: () => [...new Set([...processesSeeing(job.pid, job.except), ...others()])],
    writeBack: job.oldSide === 'served',
  });
  try {
    return job.kind === 'plan' ? { plan: move.plan() } : { report: move.run() };
  } catch (error) {
    const code = error instanceof OrdealError ? error.code : 'ORD-712';
    return { code, refusal: error instanceof Error ? error.message : String(error) };
  } finally {
    move.close();
  }
}

function others(): number[] {
  return job.also.filter((pid) => pid !== process.pid && !job.except.includes(pid));
}

/** The device differs on the two sides, the number of the inode does not; a server is asked what it is now. */
function newSide(): OpenOnNewSide {
  const open = sameFilesBelow(FIRST_DESCRIPTOR + 1, {
    isSame: (opened, old) => job.trustNames || opened.inode === old.inode,
  });
  if (job.oldSide !== 'served') return open;
  return (request) => {
    try {
      const { ino } = fstatSync(request.descriptor, { bigint: true });
      return open({ ...request, identity: { ...request.identity, inode: ino } });
    } catch {
      return open(request);
    }
  };
}
