import { objectionsToMove } from '../mover/objections.js';
import { reached } from '../steps.js';
import { detachedVolume, usersOf, whyServed } from '../volume/volume-users.js';
import type { KeptVolume } from './kept-volume.js';

/** What is left of a volume that was given back. */
export interface GivenBack {
  /** Descriptions of what could not be restored. */
  readonly left: readonly string[];
  /** Descriptions of sockets that were bound on the cover: those who look for them do not find them. */
  readonly cutOff: readonly string[];
}

/** Restores a volume that may be covered, whose faults have ended. Never throws. */
export async function giveBack(volume: KeptVolume): Promise<GivenBack> {
  const { covered, server, moves } = volume;
  const left: string[] = [];
  let cutOff: readonly string[] = [];
  const attempt = async (action: () => Promise<unknown>) => {
    try {
      await action();
    } catch (error) {
      left.push(error instanceof Error ? error.message : String(error));
    }
  };
  const uncover = () => covered.uncover(volume.programs.visitor);
  if (covered.covered) {
    if (!server.over) {
      // Files that are opened meanwhile are opened on the cover: so once more after the unmount.
      await attempt(() => moves.back());
      reached('keeper', 'moved back');
      await attempt(uncover);
    } else {
      // Nothing can be opened on the cover of a dead server. It is unmounted first: repeated calls by path must not
      // reach it again.
      await attempt(uncover);
      await attempt(() => moves.back());
    }
    reached('keeper', 'uncovered');
    await attempt(async () => left.push(...objectionsToMove(await moves.back())));
    reached('keeper', 'moved back again');
    await attempt(async () => {
      cutOff = covered.cutOffSockets();
      for (const line of cutOff) volume.listener.log(line);
    });
  }
  covered.closeTrees();
  if (!covered.covered) server.kill();
  return { left: [...new Set(left)], cutOff };
}

/** Descriptions of what keeps the server of a volume alive that was given back. */
export function staying({ server, journal }: KeptVolume, { cutOff }: GivenBack): string[] {
  const { entry } = journal;
  if (!entry) return [];
  const users = usersOf(detachedVolume(entry));
  // Sockets that were bound on the cover keep it in use until they are closed, but never send requests.
  if (users.length === 0 && cutOff.length > 0) {
    server.kill();
    return [];
  }
  journal.write({ ended: true });
  return whyServed(server.pid, users);
}
