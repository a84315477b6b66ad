import { type Reply, type Request, readLink, readMkdir, readMknod } from '@ordeal/fuse';
import { call3, call4, call5, SYS } from '@ordeal/linux';
import { AT } from '../backing/file-flags.js';
import { nameKey } from '../nodes/name-key.js';
import type { Node } from '../nodes/node.js';
import { STALE, type Volume } from '../volume.js';
import { lookUp, writeEntry } from './entries.js';
import type { Operation } from './operation.js';

export const mknod: Operation = (volume, request, reply) => {
  const { mode, rdev, umask, nameAt } = readMknod(request);
  return make(volume, request, reply, nameAt, umask, (fd, name) => call4(SYS.mknodat, fd, name, mode, rdev));
};

export const mkdir: Operation = (volume, request, reply) => {
  const { mode, umask, nameAt } = readMkdir(request);
  return make(volume, request, reply, nameAt, umask, (fd, name) => call3(SYS.mkdirat, fd, name, mode));
};

/** The name comes first, then what the link says. */
export const symlink: Operation = (volume, request, reply) => {
  const targetAt = 40 + request.nameLength(40) + 1;
  const target = request.addressOf(targetAt, request.nameLength(targetAt) + 1);
  return make(volume, request, reply, 40, undefined, (fd, name) => call3(SYS.symlinkat, target, fd, name));
};

export const link: Operation = (volume, request, reply) => {
  const { nodeid, nameAt } = readLink(request);
  const old = volume.table.get(nodeid);
  if (!old) return STALE;
  const oldFd = volume.descriptors.of(old);
  if (oldFd < 0) return oldFd;
  const { empty } = volume.scratch;
  return make(volume, request, reply, nameAt, undefined, (fd, name) =>
    call5(SYS.linkat, oldFd, empty, fd, name, AT.EMPTY_PATH),
  );
};

/** Makes an entry as the caller, and answers with what is there then. @param umask undefined where it does not matter */
function make(
  volume: Volume,
  request: Request,
  reply: Reply,
  nameAt: number,
  umask: number | undefined,
  call: (fd: number, name: number) => number,
): number {
  const parent = volume.nodeOf(request);
  if (!parent) return STALE;
  const length = request.nameLength(nameAt);
  const name = request.addressOf(nameAt, length + 1);
  const key = nameKey(request, nameAt, length);
  const failed = asCreator(volume, request, parent, umask, (fd) => {
    const entry = { directory: fd, at: nameAt, length };
    volume.changes.begin(request, 'make', entry, entry, volume.lastLookups.take(parent, key));
    return call(fd, name);
  });
  if (failed < 0) return failed;
  volume.changes.done();
  const made = lookUp(volume, parent, name, key);
  // The number of a file that is gone may be used again.
  if (typeof made !== 'number' && made.node.links.length === 1) volume.bare.delete(made.node);
  return typeof made === 'number' ? made : writeEntry(volume, made, reply);
}

/** Calls with the parent's descriptor, the caller's identity and umask. */
export function asCreator(
  volume: Volume,
  request: Request,
  parent: Node,
  umask: number | undefined,
  call: (fd: number) => number,
): number {
  const fd = volume.descriptors.of(parent);
  if (fd < 0) return fd;
  volume.identity.assume(request.uid, request.gid, request.pid, 'make');
  if (umask !== undefined) volume.identity.umask(umask);
  return call(fd);
}
