// A program that holds one volume: see VolumeKeeper. The first owner is the process that has started it; others come by a
// socket.
import { leaveCgroups } from '@ordeal/linux';
import { parentPeer } from '../peer.js';
import { VolumeKeeper } from './volume-keeper.js';

// Whoever kills its owner's cgroup as a whole, as container runtimes do, must leave one who takes the volume back.
leaveCgroups();
const keeper = new VolumeKeeper(() => process.exit(0));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => keeper.lose(signal));
keeper.accept(parentPeer());
