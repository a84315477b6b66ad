import { abortConnection } from '@ordeal/fuse';
import { type Fd, identifyDescriptor, readMounts } from '@ordeal/linux';
import { openCoveredPath, removeRecordedCover } from '../mount/cover.js';
import { isAlive, type Journal, readJournals, removeJournal } from './journal.js';
import { mountNamespaceOf, processIn } from './mount-namespace.js';
import { moveBack } from './move-back.js';
import { objectionsToMove } from './objections.js';

/** What was found of one injection, and what became of it. */
export interface Recovered {
  readonly id: string;
  readonly path: string;
  readonly pid: number;
  /** `held`: its keeper lives and was left alone. `partly`: some of it is still there. */
  readonly outcome: 'recovered' | 'held' | 'partly';
  /** In words, one thing each. */
  readonly did: readonly string[];
}

/** Takes back what injections left on this host whose keepers have died. Those that are held are left alone. */
export async function recoverInjections(): Promise<Recovered[]> {
  const results: Recovered[] = [];
  for (const journal of readJournals()) results.push(await recoverOne(journal));
  return results;
}

async function recoverOne(journal: Journal): Promise<Recovered> {
  const { id, path, pid, keeper } = journal;
  if (isAlive(keeper)) {
    return {
      id,
      path,
      pid,
      outcome: 'held',
      did: [`process ${keeper.pid} holds it and takes it back itself`],
    };
  }
  const did: string[] = [];
  try {
    const left = await takeBack(journal, did);
    if (left.length > 0) return { id, path, pid, outcome: 'partly', did: [...did, ...left] };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { id, path, pid, outcome: 'partly', did: [...did, message] };
  }
  removeJournal(id);
  return { id, path, pid, outcome: 'recovered', did: [...did, 'removed the journal'] };
}

/** @returns what could not be taken back */
async function takeBack(journal: Journal, did: string[]): Promise<string[]> {
  const pid = processIn(journal.namespace, journal.pid);
  if (pid === undefined) {
    did.push('its mount namespace is gone, and all that was mounted in it');
    return [];
  }
  const found = findMount(journal, pid);
  if (found === undefined) {
    did.push(`nothing is mounted over ${journal.path} any more`);
    return [];
  }
  const { place, mounts } = found;
  const fuse = openCoveredPath(place);
  const { connection } = journal;
  let aborted = false;
  const abort = () => {
    aborted = true;
    if (connection !== undefined) abortConnection(connection);
  };
  let origin: Fd | undefined;
  try {
    if (identifyDescriptor(fuse.number).mount !== mounts[0]) {
      return [`${journal.path} is covered by a mount that is not Ordeal’s`];
    }
    const removed = await removeRecordedCover({ ...place, mounts });
    did.push(`took ${removed === 1 ? 'the mount' : `${removed} mounts`} off ${journal.path}`);
    origin = openCoveredPath(place);
    const report = await moveBack({
      users: { pid, also: [journal.pid], except: [] },
      sides: { from: fuse.number, to: origin.number },
      trustNames: journal.trustNames,
      dead: () => aborted,
      abort,
    });
    const moved = report.processes.map((each) => each.pid).join(', ');
    did.push(moved === '' ? 'no process had anything open there' : `moved back process ${moved}`);
    return objectionsToMove(report);
  } finally {
    fuse.close();
    origin?.close();
  }
}

/** The cover as it is found now, by the source that only it has: the journal may be older than the mount. */
function findMount({ source, path, mounts, pid: first, namespace }: Journal, pid: number) {
  const seen = readMounts(pid).find((mount) => mount.source === source && mount.type === 'fuse.ordeal');
  if (seen === undefined) return undefined;
  // The path is that of the first process; another one of the namespace knows it as mountinfo tells.
  const same = pid === first && mountNamespaceOf(first) === namespace;
  return {
    place: { pid, path: same ? path : seen.path },
    mounts: mounts.includes(seen.id) ? mounts : [seen.id],
  };
}
