import type { CoverRecord } from '@ordeal/cover';
import { OrdealError } from '@ordeal/diagnostics';
import type { Fd } from '@ordeal/linux';
import type { MoveReport } from '@ordeal/move';
import { WAITING } from '../mover/move-back.js';
import { nameProcess } from '../process-name.js';
import { reached, type STEPS } from '../steps.js';
import { sourceOf } from '../volume/held-volume.js';
import { inodesOf, specialFileNotes } from '../volume/special-files.js';
import { withCoverLock } from './cover-lock.js';
import type { KeptVolume } from './kept-volume.js';
import { millisecondsOf, ownedFaults, servedFaults } from './owner-task.js';
import type { VolumeMount } from './volume-mount.js';

/** Milliseconds in which a cover is placed, unless its server hangs. */
const PLACING = 30_000;

/**
 * Checks a volume, writes its journal, covers it, moves its users, and activates the rules of its first owner. If it throws, as it
 * does when it is no longer wanted, the volume must be given back.
 *
 * @throws OrdealError
 */
export async function armVolume(volume: KeptVolume, group: number): Promise<MoveReport> {
  const { task, covered, journal, server, watch, moves } = volume;
  const { pid } = covered;
  volume.rules.put(group, ownedFaults(task));
  covered.check();
  await moves.refuseUnmovable(pid);
  const special = covered.findSpecialFiles();
  if (!special.complete) volume.listener.log(specialFileNotes(special).at(-1) ?? '');
  const originals = special.files.map(({ name }) => name);
  stepReached(volume, 'checked');
  const source = sourceOf(task.id);
  journal.write({ source, server: nameProcess(server.pid) });
  stepReached(volume, 'journal written');
  const fuse = covered.makeMount(source);
  stepReached(volume, 'mount made');
  journal.write({ connection: fuse.connection });
  stepReached(volume, 'connection recorded');
  // A mover that needs the server must not wait for a dead one. Otherwise the mover of the way back ends the
  // connection when it has control of the waiting threads.
  void server.ended.then(() => {
    if (!volume.armed || moves.fromServed) volume.abort();
    else setTimeout(() => volume.abort(), WAITING).unref();
  });
  await server.started();
  watch.begin(fuse.waiting);
  if (server.descriptorKeeper !== undefined)
    journal.write({ descriptorKeeper: nameProcess(server.descriptorKeeper) });
  stepReached(volume, 'server started');
  const cover = () => layCover({ volume, group, fuse, originals });
  await withCoverLock(volume.runDirectory, () => refuseUnwanted(volume), cover);
  stepReached(volume, 'cover placed');
  const report = await moves.there(pid);
  stepReached(volume, 'moved');
  await server.ask({ kind: 'begin', group, milliseconds: millisecondsOf(task) });
  watch.lease(group);
  reached('keeper', 'enabled');
  volume.armed = !server.over;
  return report;
}

interface Covering {
  readonly volume: KeptVolume;
  /** Of the first owner. */
  readonly group: number;
  readonly fuse: VolumeMount;
  /** Files that stay the original inodes. */
  readonly originals: readonly string[];
}

/** The cover is served before it is visible: no process waits, and originals can be mounted over it at once. */
async function layCover(covering: Covering): Promise<void> {
  const { covered, server, programs, listener } = covering.volume;
  const limit = setTimeout(() => server.kill(), PLACING);
  try {
    const failed = await covered.cover({
      announce: (record, tree) => serve(covering, record, tree),
      bare: covering.originals,
      visitor: programs.visitor,
    });
    for (const line of failed) listener.log(`not kept while faults last: ${line}`);
  } finally {
    clearTimeout(limit);
  }
}

async function serve(
  { volume, group, fuse, originals }: Covering,
  { mounts }: CoverRecord,
  tree: Fd,
): Promise<void> {
  const { task, covered, journal, server, programs, watch } = volume;
  journal.write({ mounts });
  reached('keeper', 'cover recorded');
  const locks = volume.rules.facts.locksHeld ? 'original' : 'kernel';
  const rules = servedFaults(group, task);
  const { number: device } = fuse.device;
  const pulse = programs.heartbeat.pulse.fd.number;
  const { slot } = watch;
  await server.ask({ kind: 'serve', device, tree: tree.number, pulse, slot, locks, rules });
  if (originals.length > 0) await server.ask({ kind: 'leave bare', ...inodesOf(covered.origin, originals) });
  stepReached(volume, 'serving');
}

function stepReached(volume: KeptVolume, step: (typeof STEPS)['keeper'][number]): void {
  reached('keeper', step);
  refuseUnwanted(volume);
}

function refuseUnwanted({ listener }: KeptVolume): void {
  if (!listener.wanted()) throw new OrdealError('ORD-714', 'the faults are no longer wanted');
}
