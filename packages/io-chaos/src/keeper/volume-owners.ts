import type { DeadlineTimer } from '@ordeal/linux';
import type { MoveReport } from '@ordeal/move';
import type { RuleCounts } from '../method-counts.js';
import type { Claimed, KeeperNews, KeeperTask } from './keeper-message.js';
import type { OwnerPeer } from './keeper-socket.js';

/** An owner of faults on the volume, until it recovers, or has died and left no claim. */
export interface Owner {
  readonly peer: OwnerPeer;
  /** Its rules, to the server. */
  group: number;
  task: KeeperTask | undefined;
  /** What it was told last. */
  quiet: boolean;
  /** Of the move, once the faults are armed. */
  report: MoveReport | undefined;
  deadline: DeadlineTimer | undefined;
  /** It has died, and this is how long its faults are kept. */
  kept: DeadlineTimer | undefined;
}

/** The owners of one volume, and everybody else who is connected to its keeper. */
export class VolumeOwners {
  readonly #owners = new Set<Owner>();
  /** All that are connected: owners, former ones, and those that came too late. */
  readonly #peers = new Set<OwnerPeer>();
  #lastGroup = 0;

  /** Adds one that has no task yet. */
  add(peer: OwnerPeer): Owner {
    const owner: Owner = {
      peer,
      group: ++this.#lastGroup,
      task: undefined,
      quiet: false,
      report: undefined,
      deadline: undefined,
      kept: undefined,
    };
    this.#owners.add(owner);
    this.#peers.add(peer);
    return owner;
  }

  get all(): readonly Owner[] {
    return [...this.#owners];
  }

  has(owner: Owner): boolean {
    return this.#owners.has(owner);
  }

  /** Whose faults are kept under this claim. */
  withClaim(claim: string): Owner | undefined {
    return this.all.find(({ task }) => task?.claim === claim);
  }

  get claims(): Claimed[] {
    return this.all.flatMap(({ task }) =>
      task?.claim === undefined ? [] : [{ claim: task.claim, path: task.path }],
    );
  }

  /** Its faults end, or are another one's now. @returns whether it was an owner still */
  forget(owner: Owner): boolean {
    owner.deadline?.clear();
    owner.kept?.clear();
    return this.#owners.delete(owner);
  }

  /** The connection of an owner, or a former one, has ended. */
  disconnected({ peer }: Owner): void {
    this.#peers.delete(peer);
  }

  /** The owner of a group. */
  tell(which: number, news: KeeperNews): void {
    this.all.find(({ group }) => group === which)?.peer.tell(news);
  }

  /** Owners need not ask for counts while there are no requests. @param counts those of a group, which its owner is told once */
  tellQuiet(quiet: boolean, counts: (group: number) => Promise<RuleCounts>): void {
    const tellRest = async ({ peer, group }: Owner) =>
      peer.tell({ kind: 'quiet', counts: await counts(group) });
    for (const owner of this.#owners) {
      if (owner.quiet === quiet || owner.report === undefined) continue;
      owner.quiet = quiet;
      if (!quiet) owner.peer.tell({ kind: 'stirred' });
      else void tellRest(owner);
    }
  }

  /** Closes all connections once they have taken what they were told. */
  async letGo(): Promise<void> {
    const peers = [...this.#peers];
    await Promise.all(peers.map((peer) => peer.flush()));
    for (const peer of peers) peer.close();
  }
}
