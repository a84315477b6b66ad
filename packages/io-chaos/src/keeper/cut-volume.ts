import { OrdealError } from '@ordeal/diagnostics';
import type { UnsyncedReport } from '@ordeal/fault-fs';
import { processTree } from '@ordeal/linux';
import type { FaultServer } from '../server/fault-server.js';
import type { CutPower, CutTask } from './keeper-message.js';
import { killUsers } from './kill-users.js';

/** Milliseconds in which what a cut leaves has been written. */
const CUTTING = 120_000;

/** What a power failure could take away now. @throws OrdealError ORD-713, ORD-718 */
export async function unsyncedOf(server: FaultServer): Promise<UnsyncedReport> {
  const { unsynced } = await server.ask({ kind: 'unsynced' });
  return unsynced ?? refuseUnpowered();
}

/**
 * Kills whoever uses a volume, and turns it into a state that a power failure may leave. Files that are opened meanwhile
 * wait.
 *
 * @param connection of the volume's fault file system
 * @param spared processes that are left alone besides those of the task
 * @throws OrdealError ORD-713, ORD-718
 */
export async function cutVolume(
  server: FaultServer,
  connection: number,
  { kill, except, ...choice }: CutTask,
  spared: readonly number[],
): Promise<CutPower> {
  await unsyncedOf(server);
  await server.ask({ kind: 'admit', admitted: false });
  try {
    // Server, descriptor keeper and movers are children of this process.
    const left = [...processTree(process.pid), ...except, ...spared];
    const killed = kill ? await killUsers({ connection, pids: kill, except: left }) : [];
    const { cut } = await server.ask({ kind: 'cut', choice }, CUTTING);
    return { ...(cut ?? refuseUnpowered()), killed };
  } finally {
    server.tell({ kind: 'admit', admitted: true });
  }
}

function refuseUnpowered(): never {
  throw new OrdealError('ORD-718', 'no rule with action powerLoss is active there');
}
