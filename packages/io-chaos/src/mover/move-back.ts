import type { ChildProcess } from 'node:child_process';
import type { MoveReport, Rescue } from '@ordeal/move';
import { MoverDied, type MoverOrder, type MoverSides, runMove } from './run-mover.js';

/** How to move back to the underlying tree. */
export interface WayBack {
  readonly mover: Omit<MoverOrder, 'oldSide' | 'trustNames'>;
  readonly sides: MoverSides;
  /** A mover for these sides that is already waiting. */
  readonly prepared?: ChildProcess | undefined;
  readonly trustNames: boolean;
  readonly rescue: Rescue;
  /** The process that holds the files that the server has open: the server, or after its death another. */
  readonly descriptorKeeper: () => number | undefined;
  /** Whether the server holds locks on the original files. */
  readonly locksHeld: boolean;
  /** Whether the server of the old side is dead. */
  readonly dead: () => boolean;
  /** The connection, while it exists. */
  readonly connection: number | undefined;
  /** Aborts the connection, so that no process waits for it. */
  readonly abort: () => void;
  /**
   * Prevents a live server that does not answer from carrying out anything more: its users will repeat their requests
   * themselves.
   */
  readonly silence: () => Promise<void>;
}

/**
 * The most milliseconds that the users of a dead server wait for the mover, which ends the connection when it has
 * control of them: then their requests are repeated on the underlying tree. Otherwise they fail.
 */
export const WAITING = 3_000;

/**
 * Moves processes back to the underlying tree; without the server if it dies meanwhile.
 *
 * @throws OrdealError
 */
export async function moveBack(way: WayBack): Promise<MoveReport> {
  const { prepared, dead, silence } = way;
  if (!dead()) {
    try {
      const report = await moveFromServed(way, prepared).catch((error) => {
        // If a mover is killed, another one continues.
        if (dead() || !(error instanceof MoverDied)) throw error;
        return moveFromServed(way, undefined);
      });
      if (!dead()) return report;
    } catch (error) {
      // A process that cannot be stopped may be waiting for the server: without the server, it can be stopped.
      if (!dead() && !(error instanceof Error && 'code' in error && error.code === 'ORD-712')) throw error;
    }
    await silence();
  }
  return moveFromDead(way).catch((error) => {
    if (!(error instanceof MoverDied)) throw error;
    return moveFromDead(way);
  });
}

function moveFromServed(way: WayBack, prepared: ChildProcess | undefined): Promise<MoveReport> {
  const { mover, sides } = way;
  return runMove({ ...mover, ...holding(way), oldSide: 'served', trustNames: false }, sides, prepared);
}

async function moveFromDead(way: WayBack): Promise<MoveReport> {
  const { mover, sides, prepared, trustNames, rescue, connection, abort } = way;
  const late = setTimeout(abort, WAITING);
  try {
    const order = {
      ...mover,
      ...holding(way),
      oldSide: 'dead',
      trustNames,
      rescue,
      ...(connection !== undefined && { connection }),
    } as const;
    return await runMove(order, sides, prepared);
  } finally {
    clearTimeout(late);
    abort();
  }
}

function holding({ descriptorKeeper, locksHeld }: WayBack): {
  readonly descriptorKeeper?: number;
  readonly locksHeld: boolean;
} {
  const pid = descriptorKeeper();
  return pid === undefined ? { locksHeld } : { descriptorKeeper: pid, locksHeld };
}
