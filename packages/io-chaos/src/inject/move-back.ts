import type { MoveReport } from '../move/report.js';
import { type MoverSides, type MoverWish, runMove } from './run-mover.js';

/** A way back to the bare tree. */
export interface WayBack {
  readonly mover: Omit<MoverWish, 'oldSide' | 'trustNames'>;
  readonly sides: MoverSides;
  readonly trustNames: boolean;
  /** Whether nobody serves the old side any more. */
  readonly dead: () => boolean;
  /** Ends the connection, so that nobody waits for it. */
  readonly abort: () => void;
}

/**
 * Moves processes back to the bare tree; where the server does not live through it, without the server.
 *
 * @throws OrdealError
 */
export async function moveBack({ mover, sides, trustNames, dead, abort }: WayBack): Promise<MoveReport> {
  if (!dead()) {
    try {
      const report = await runMove({ ...mover, oldSide: 'served', trustNames: false }, sides);
      if (!dead()) return report;
    } catch (error) {
      // A process that cannot be stopped now may wait for the server: without it, it can be.
      if (!dead() && !(error instanceof Error && 'code' in error && error.code === 'ORD-712')) throw error;
    }
  }
  abort();
  return runMove({ ...mover, oldSide: 'dead', trustNames }, sides);
}
