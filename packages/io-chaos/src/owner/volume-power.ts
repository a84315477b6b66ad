import { OrdealError } from '@ordeal/diagnostics';
import type { PowerLoss, UnsyncedReport } from '@ordeal/fault-fs';
import type { CutPower, KeeperAnswer, KeeperCommand } from '../keeper/keeper-message.js';
import { reachKeeper } from '../keeper/keeper-socket.js';
import { PendingAnswers } from '../pending-answers.js';
import { findHeldVolume } from '../volume/held-volume.js';

/** Most milliseconds that a keeper may take: all users must end, and much may have to be written. */
const LIMIT = 240_000;

/** A volume under an IOChaos with action powerLoss, as a process sees it. */
export interface PoweredVolume {
  readonly pid: number;
  readonly path: string;
}

export interface CutPowerOptions extends Partial<Pick<PowerLoss, 'lose' | 'seed'>> {
  /** Processes that are killed with all their descendants, besides all that use the volume. */
  readonly kill: readonly number[];
}

/** What a power failure could take away now. @throws OrdealError ORD-718 where no rule has that kept; ORD-753 */
export async function askUnsynced(runDirectory: string, volume: PoweredVolume): Promise<UnsyncedReport> {
  const answer = await ask(runDirectory, volume, (id) => ({ kind: 'unsynced', id }));
  if (answer.kind === 'unsynced') return answer.report;
  throw refusal(volume, answer);
}

/**
 * Cuts the power of a volume: kills whoever uses it, and turns it into a state that a power failure may leave. Programs
 * that want to open files meanwhile wait.
 *
 * @throws OrdealError ORD-718 where no rule has anything kept, or a process does not end; ORD-753
 */
export async function cutVolumePower(
  runDirectory: string,
  volume: PoweredVolume,
  options: CutPowerOptions,
): Promise<CutPower> {
  const answer = await ask(runDirectory, volume, (id) => ({
    kind: 'cut',
    id,
    ...options,
    except: [process.pid],
  }));
  if (answer.kind === 'cut') return answer.cut;
  throw refusal(volume, answer);
}

async function ask(
  runDirectory: string,
  { pid, path }: PoweredVolume,
  command: (id: number) => KeeperCommand,
): Promise<KeeperAnswer> {
  const held = findHeldVolume(pid, path);
  const keeper = held && (await reachKeeper(runDirectory, held.id, path));
  if (!keeper) throw new OrdealError('ORD-718', `${path} is not under an I/O experiment`);
  const { peer } = keeper;
  const pending = new PendingAnswers<KeeperAnswer>();
  try {
    peer.listen(
      (message) => {
        if ('id' in message) pending.answer(message.id, message);
      },
      () => pending.end(),
    );
    const answer = await pending.ask((id) => peer.tell(command(id)), LIMIT);
    if (!answer) throw new OrdealError('ORD-718', `the keeper of ${path} does not answer`);
    return answer;
  } finally {
    peer.close();
  }
}

function refusal({ path }: PoweredVolume, answer: KeeperAnswer): OrdealError {
  const reason = answer.kind === 'refused' ? answer.message : answer.kind;
  return new OrdealError('ORD-718', `${path}: ${reason}`);
}
