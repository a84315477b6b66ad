import { OrdealError } from '@ordeal/diagnostics';
import type { Claimed, KeeperAnswer } from '../keeper/keeper-message.js';
import { type ReachedKeeper, reachKeeper } from '../keeper/keeper-socket.js';
import type { RuleCounts } from '../method-counts.js';
import { PendingAnswers } from '../pending-answers.js';
import { IoInjection } from './io-injection.js';

/** Milliseconds in which a keeper lists its claims. */
const LIMIT = 5_000;

/** Faults that were taken over and lifted. */
export interface Released extends Claimed {
  readonly counts: RuleCounts;
}

/**
 * Lifts faults that their owners have left to whoever has their claim. A keeper that does not answer, or is of another
 * version of Ordeal, is left alone.
 *
 * @param ids of the injections whose keepers are asked
 * @param wanted not to be lifted, since they will be armed with their claim
 */
export async function releaseClaimed(
  runDirectory: string,
  ids: readonly string[],
  wanted: (claimed: Claimed) => boolean,
): Promise<Released[]> {
  const released = await Promise.all(ids.map((id) => releaseOf(runDirectory, id, wanted)));
  return released.flat();
}

async function releaseOf(
  runDirectory: string,
  id: string,
  wanted: (claimed: Claimed) => boolean,
): Promise<Released[]> {
  const keeper = await reach(runDirectory, id);
  if (!keeper) return [];
  const claims = await claimsOf(keeper).finally(() => keeper.peer.close());
  const released = claims
    .filter((each) => !wanted(each))
    .map(async (claimed) => {
      const reached = await reach(runDirectory, id);
      const injection =
        reached && (await IoInjection.take({ ...reached, id, joined: true, inside: '' }, claimed));
      if (!injection) return [];
      await injection.recover();
      return [{ ...claimed, counts: injection.counts }];
    });
  return (await Promise.all(released)).flat();
}

async function claimsOf({ peer }: ReachedKeeper): Promise<readonly Claimed[]> {
  const pending = new PendingAnswers<KeeperAnswer>();
  peer.listen(
    (message) => {
      if ('id' in message) pending.answer(message.id, message);
    },
    () => pending.end(),
  );
  const answer = await pending.ask((id) => peer.tell({ kind: 'claims', id }), LIMIT);
  return answer?.kind === 'claims' ? answer.claims : [];
}

async function reach(runDirectory: string, id: string): Promise<ReachedKeeper | undefined> {
  try {
    return await reachKeeper(runDirectory, id, id);
  } catch (error) {
    if (error instanceof OrdealError && error.code === 'ORD-711') return undefined;
    throw error;
  }
}
