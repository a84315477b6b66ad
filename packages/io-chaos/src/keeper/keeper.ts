// A program that holds the volumes of the process that has started it: see VolumeKeeper. The first owner of each volume is that
// process; others come by a socket. Argument: the run directory.
import { leaveCgroups } from '@ordeal/linux';
import { ParentChannels } from '../peer-channels.js';
import type { KeeperSignal } from './keeper-message.js';
import type { OwnerPeer } from './keeper-socket.js';
import { ReadyPrograms } from './ready-programs.js';
import { VolumeKeeper } from './volume-keeper.js';

// It must survive when its owner's cgroup is killed as a whole, as container runtimes do, to restore the volumes.
leaveCgroups();
const [, , runDirectory = ''] = process.argv;
const programs = new ReadyPrograms();
/** Their keepers, and how to renew the lease of the owner that is the parent. */
const volumes = new Map<VolumeKeeper, () => void>();
let unwanted = false;

const channels = new ParentChannels((peer) => {
  const keeper = new VolumeKeeper(runDirectory, programs, () => {
    volumes.delete(keeper);
    // Its owner may have left before the others: only now is the channel free.
    peer.close();
    endWithLast();
  });
  volumes.set(keeper, keeper.accept(peer as OwnerPeer).renew);
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    for (const keeper of volumes.keys()) keeper.lose(signal);
    leave();
  });
}
process.on('message', (message: KeeperSignal | Parameters<ParentChannels['hear']>[0]) => {
  if (message === 'prepare') programs.prepare();
  else if (message === 'renew') {
    for (const renew of volumes.values()) renew();
    programs.heartbeat.awake();
  } else channels.hear(message);
});
process.on('disconnect', () => {
  channels.end();
  leave();
});
programs.prepare();
// The parent may have died before this process listened.
if (!process.connected) leave();

function leave(): void {
  unwanted = true;
  endWithLast();
}

function endWithLast(): void {
  if (unwanted && volumes.size === 0) void programs.close().then(() => process.exit(0));
}
