import { cString, errnoName, SYS } from '@ordeal/linux';
import type { DirectoryMove } from './directories.js';
import { type DescriptorChannel, FREE_PAYLOAD } from './remote-process.js';
import type { LeftBehind } from './sides.js';

/**
 * Changes the working and root directory of the thread group that the channel's thread belongs to. The descriptors of
 * the new directories stay the caller's.
 *
 * @throws ThreadGone, OrdealError ORD-752
 */
export function installDirectories(channel: DescriptorChannel, move: DirectoryMove): LeftBehind[] {
  const given = channel.give([move.working.number, ...(move.root ? [move.root.number] : [])]);
  const [working = -1, root] = given;
  const left: LeftBehind[] = [];
  const call = (what: string, number: number, argument: number | bigint): boolean => {
    const [result = -1] = channel.run([{ number, args: [argument] }]);
    if (result < 0) left.push({ what, reason: `cannot be changed by its process (${errnoName(-result)})` });
    return result >= 0;
  };
  if (root !== undefined && call('the root directory', SYS.fchdir, root)) {
    channel.writePayload(FREE_PAYLOAD, cString('.'));
    call('the root directory', SYS.chroot, channel.payload + BigInt(FREE_PAYLOAD));
  }
  if (root !== undefined || move.workingMoves) call('the working directory', SYS.fchdir, working);
  channel.run(given.map((number) => ({ number: SYS.close, args: [number] })));
  return left;
}
