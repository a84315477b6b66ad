import type { MovePlan } from '../move/report.js';
import { checkVolume } from './check-volume.js';
import { planMove } from './run-mover.js';

/**
 * What an injection would move, and what not and why; touches nothing.
 *
 * @throws OrdealError where the volume cannot be covered
 */
export async function planInjection(pid: number, path: string): Promise<MovePlan> {
  const { origin } = checkVolume(pid, path);
  try {
    const sides = { from: origin.number, to: origin.number };
    const order = { pid, also: [pid], except: [process.pid], oldSide: 'bare', trustNames: false } as const;
    return await planMove(order, sides);
  } finally {
    origin.close();
  }
}
