// The process that holds the detached runs of this machine. It ends when it holds none. Argument: the run directory.
import { join } from 'node:path';
import { OrdealError } from '@ordeal/diagnostics';
import { alignedInterval, leaveCgroups } from '@ordeal/linux';
import { DetachedRuns } from '../runs/detached-runs.js';
import { HELD_ALREADY, SOCKET } from './socket-path.js';
import { SupervisorServer } from './supervisor-server.js';

/** Milliseconds between checks whether there are runs. */
const LOOK = 1000;
/** Checks in a row that found none before it exits. */
const PATIENCE = 2;

const [, , runDirectory = ''] = process.argv;
process.umask(0o077);
// It must outlive the session and the cgroup of the first client.
leaveCgroups();
// It has no terminal: only SIGTERM ends it, and leaves the runs to the next one.
for (const name of ['SIGINT', 'SIGHUP'] as const) process.on(name, () => undefined);

void hold();

async function hold(): Promise<void> {
  const runs = await openRuns();
  const server = await SupervisorServer.listen(runs, join(runDirectory, SOCKET));
  let idle = 0;
  let ending = false;
  const stopLooking = alignedInterval(LOOK, () => {
    idle = runs.busy || server.busy ? 0 : idle + 1;
    if (idle === PATIENCE) void end();
  });
  process.on('SIGTERM', () => void end());

  async function end(): Promise<void> {
    if (ending) return;
    ending = true;
    stopLooking();
    server.close();
    await runs.close();
    process.exit(0);
  }
}

async function openRuns(): Promise<DetachedRuns> {
  try {
    return await DetachedRuns.open(runDirectory, (error) => console.error(error));
  } catch (error) {
    if (!(error instanceof OrdealError)) throw error;
    // If two start at once, one gets the lock and answers the clients of both.
    if (error.code === 'ORD-851') process.exit(HELD_ALREADY);
    console.error(`${error.message}  [${error.code}]`);
    process.exit(1);
  }
}
