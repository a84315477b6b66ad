import type { MovePlan } from '@ordeal/move';
import { planMove } from '../mover/run-mover.js';
import { checkVolume } from '../volume/check-volume.js';
import { findSpecialFiles, type SpecialFiles } from '../volume/special-files.js';

/** What an injection would do now. */
export interface InjectionPlan extends MovePlan {
  readonly special: SpecialFiles;
}

/**
 * What an injection would move, and what it would not move and why; touches nothing.
 *
 * @throws OrdealError if the volume cannot be covered, ORD-717 if too many of its files are open
 */
export async function planInjection(runDirectory: string, pid: number, path: string): Promise<InjectionPlan> {
  const { origin, place } = checkVolume(runDirectory, pid, path);
  try {
    const sides = { from: origin.number, to: origin.number };
    const order = { pid, also: [pid], except: [process.pid], oldSide: 'bare', trustNames: false } as const;
    const { processes } = await planMove(order, sides);
    return { processes, special: findSpecialFiles(origin.number, pid, place) };
  } finally {
    origin.close();
  }
}
