import { isAlive, readJournals } from './journal.js';
import { type Recovered, Recovery } from './recovery.js';

export type { Recovered } from './recovery.js';

/** Takes back what injections left on this host whose keepers have died. Those that are held are left alone. */
export async function recoverInjections(): Promise<Recovered[]> {
  const results: Recovered[] = [];
  for (const journal of readJournals()) {
    const { id, path, pid, keeper } = journal;
    if (keeper.pid !== process.pid && isAlive(keeper)) {
      const did = [`process ${keeper.pid} holds it and takes it back itself`];
      results.push({ id, path, pid, outcome: 'held', did });
    } else results.push(await new Recovery(journal).run());
  }
  return results;
}
