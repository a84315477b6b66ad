import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { OrdealError } from '@ordeal/diagnostics';
import { readJournal } from '../journal/journal-file.js';
import { type KeeperPeer, reachKeeper } from '../keeper/keeper-socket.js';
import { isAlive } from '../process-name.js';
import { findHeldVolume } from '../volume/held-volume.js';
import type { KeeperProcess } from './keeper-process.js';

/** Milliseconds between two attempts to reach a keeper that is arming or restoring the volume. */
const ATTEMPTS = 50;

/** A keeper for a volume. */
export interface FoundKeeper {
  readonly peer: KeeperPeer;
  readonly pid: number;
  /** Of the injection. */
  readonly id: string;
  /** Whether it holds the volume already. */
  readonly joined: boolean;
  /** The path within the volume that it holds. */
  readonly inside: string;
}

/**
 * A keeper for a path, as a process sees it: the one that holds the volume, or a new one. Called again, it returns
 * the next one if that one has restored the volume meanwhile.
 *
 * @param own used where none holds the volume; the caller's
 * @param milliseconds after which it stops retrying
 * @throws OrdealError ORD-711 if the volume is held and its keeper cannot be reached; ORD-753
 */
export async function* findKeepers(
  pid: number,
  path: string,
  own: KeeperProcess,
  milliseconds: number,
): AsyncGenerator<FoundKeeper> {
  const begun = performance.now();
  do {
    const held = findHeldVolume(pid, path);
    if (held === undefined) {
      const id = `${process.pid}-${randomBytes(4).toString('hex')}`;
      yield { ...own.open(), id, joined: false, inside: '' };
      continue;
    }
    const reached = await reachKeeper(own.runDirectory, held.id, path);
    if (reached) yield { ...reached, ...held, joined: true };
    else refuseDeadKeeper(own.runDirectory, held.id, path);
    await sleep(ATTEMPTS);
  } while (performance.now() - begun < milliseconds);
}

/** A live keeper that cannot be reached is arming, or restoring the volume. */
function refuseDeadKeeper(runDirectory: string, id: string, path: string): void {
  const keeper = readJournal(runDirectory, id)?.keeper;
  if (keeper && isAlive(keeper)) return;
  const message = `${path} is under an I/O experiment whose keeper has died: \`ordeal recover\` restores it`;
  throw new OrdealError('ORD-711', message);
}
