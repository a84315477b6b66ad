// A program that holds one volume: see VolumeKeeper. The first owner is the process that has started it; others come by a
// socket.
import { leaveCgroups } from '@ordeal/linux';
import { parentPeer } from '../peer.js';
import { VolumeKeeper } from './volume-keeper.js';

// It must survive when its owner's cgroup is killed as a whole, as container runtimes do, to restore the volume.
leaveCgroups();
const keeper = new VolumeKeeper(() => process.exit(0));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => keeper.lose(signal));
keeper.accept(parentPeer());
