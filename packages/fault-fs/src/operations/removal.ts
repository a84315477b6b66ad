import { type Request, readRename, readRename2 } from '@ordeal/fuse';
import { call3, call5, SYS } from '@ordeal/linux';
import { AT, RENAME } from '../backing/file-flags.js';
import { nameKey } from '../nodes/name-key.js';
import type { Node } from '../nodes/node.js';
import { STALE, type Volume } from '../volume.js';
import type { Operation } from './operation.js';

export const unlink: Operation = (volume, request) => remove(volume, request, 0);
export const rmdir: Operation = (volume, request) => remove(volume, request, AT.REMOVEDIR);

function remove(volume: Volume, request: Request, flags: number): number {
  const parent = volume.nodeOf(request);
  if (!parent) return STALE;
  const length = request.nameLength(40);
  const key = nameKey(request, 40, length);
  keepReachable(volume, parent, key);
  const fd = volume.descriptors.of(parent);
  if (fd < 0) return fd;
  volume.identity.assume(request.uid, request.gid, request.pid, 'make');
  const entry = { directory: fd, at: 40, length };
  volume.changes.begin(request, 'remove', entry, entry, volume.lastLookups.take(parent, key));
  const failed = call3(SYS.unlinkat, fd, request.addressOf(40, length + 1), flags);
  if (failed < 0) return failed;
  volume.changes.done();
  volume.table.unlink(parent, key);
  return 0;
}

export const rename: Operation = (volume, request) => move(volume, request, readRename(request));
export const rename2: Operation = (volume, request) => move(volume, request, readRename2(request));

function move(volume: Volume, request: Request, names: ReturnType<typeof readRename2>): number {
  const from = volume.nodeOf(request);
  const to = volume.table.get(names.newDir);
  if (!from || !to) return STALE;
  const length = request.nameLength(names.nameAt);
  const newAt = names.nameAt + length + 1;
  const newLength = request.nameLength(newAt);
  const name = nameKey(request, names.nameAt, length);
  const newName = nameKey(request, newAt, newLength);
  keepReachable(volume, to, newName);
  const fromFd = volume.descriptors.of(from);
  const toFd = volume.descriptors.of(to);
  if (toFd < 0 || fromFd < 0) return STALE;
  volume.identity.assume(request.uid, request.gid, request.pid, 'make');
  const oldAddress = request.addressOf(names.nameAt, length + 1);
  const newAddress = request.addressOf(newAt, newLength + 1);
  const old = { directory: fromFd, at: names.nameAt, length };
  const replaced = { directory: toFd, at: newAt, length: newLength };
  volume.changes.begin(request, 'move', old, replaced, volume.lastLookups.take(from, name));
  const failed = call5(SYS.renameat2, fromFd, oldAddress, toFd, newAddress, names.flags);
  if (failed < 0) return failed;
  volume.changes.done();
  volume.table.rename(from, name, to, newName, (names.flags & RENAME.EXCHANGE) !== 0);
  return 0;
}

/** An inode that loses its last name can only be reached by a descriptor that is open already. */
function keepReachable(volume: Volume, parent: Node, key: string): void {
  const victim = parent.children?.get(key)?.node;
  if (victim) volume.descriptors.pin(victim);
}
