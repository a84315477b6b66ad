import { basename } from 'node:path';
import type { Journal } from '../journal/journal.js';
import { type FoundJournal, takeJournals } from '../journal/take-journals.js';
import { detachedVolume, usersOf, whyServed } from '../volume/volume-users.js';
import { type Recovered, Recovery } from './recovery.js';

export type { Recovered } from './recovery.js';

/**
 * Undoes the injections of a run directory whose keepers have died. Those that are held, by their keeper or by another
 * recovery, are left alone.
 *
 * @throws OrdealError ORD-716 if the journals cannot be listed
 */
export async function recoverInjections(runDirectory: string): Promise<Recovered[]> {
  const results: Recovered[] = [];
  for (const found of takeJournals(runDirectory)) results.push(await resultOf(found));
  return results;
}

async function resultOf(found: FoundJournal): Promise<Recovered> {
  switch (found.kind) {
    case 'taken':
      return new Recovery(found.file).run();
    case 'held': {
      const { id, path, pid } = found.journal;
      return { id, path, pid, outcome: 'held', did: whyHeld(found.journal) };
    }
    case 'unreadable': {
      const { path, reason } = found;
      const did = [`the journal is kept and cannot be used: ${reason}`];
      return { id: basename(path), path, pid: undefined, outcome: 'unreadable', did };
    }
  }
}

function whyHeld(journal: Journal): string[] {
  const { keeper, server, ended } = journal;
  if (!ended || !server) return [`process ${keeper.pid} holds it and recovers it itself`];
  return ['it was recovered', ...whyServed(server.pid, usersOf(detachedVolume(journal)))];
}
