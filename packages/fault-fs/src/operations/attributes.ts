import {
  attrFromStatx,
  FATTR,
  LATER,
  NO_REPLY,
  readBatchForget,
  readForget,
  readGetattr,
  readSetattr,
  readStatx,
  STATX,
  statxFromAttr,
} from '@ordeal/fuse';
import { call1, call2, call3, call4, call5, ERRNO, LITTLE_ENDIAN, SYS } from '@ordeal/linux';
import type { Work } from '../backing/caller-identity.js';
import { AT, O, STATX_BASIC, STATX_BTIME } from '../backing/file-flags.js';
import { changesName } from '../changes-name.js';
import { nameKey } from '../nodes/name-key.js';
import type { Node } from '../nodes/node.js';
import { STALE, type Volume } from '../volume.js';
import { lookUp, writeAttrOut, writeEntry } from './entries.js';
import type { Operation } from './operation.js';

/** include/linux/stat.h */
const UTIME_NOW = 0x3fffffff;
const UTIME_OMIT = 0x3ffffffe;

/** Milliseconds until a thread that has made a request sleeps, as a rule. */
const ASLEEP = 1;

export const lookup: Operation = (volume, request, reply, parking) => {
  const parent = volume.nodeOf(request);
  if (!parent) return STALE;
  const length = request.nameLength(40);
  const name = request.addressOf(40, length + 1);
  const key = nameKey(request, 40, length);
  const link = lookUp(volume, parent, name, key);
  if (link === -ERRNO.ENOENT) volume.lastLookups.found(parent, key, 0);
  if (typeof link === 'number') return link;
  volume.lastLookups.found(parent, key, link.node.ino);
  if (!volume.bare.has(link.node)) return writeEntry(volume, link, reply);
  volume.identity.resume();
  const changes = changesName(request.pid);
  if (changes === undefined) {
    parking.park(request, ASLEEP, (again, later) => lookup(volume, again, later, parking));
    return LATER;
  }
  if (!changes) return writeEntry(volume, link, reply);
  // If a name now leads to another node, the kernel unmounts what is mounted over it, and looks it up again.
  volume.bare.delete(link.node);
  volume.table.disown(link.node);
  const fresh = lookUp(volume, parent, name, key);
  return typeof fresh === 'number' ? fresh : writeEntry(volume, fresh, reply);
};

export const forget: Operation = (volume, request) => {
  const node = volume.nodeOf(request);
  if (node) volume.table.forget(node, readForget(request).lookups);
  return NO_REPLY;
};

export const batchForget: Operation = (volume, request) => {
  readBatchForget(request, (id, lookups) => {
    const node = volume.table.get(id);
    if (node) volume.table.forget(node, lookups);
  });
  return NO_REPLY;
};

export const getattr: Operation = (volume, request, reply) => {
  const node = volume.nodeOf(request);
  if (!node) return STALE;
  const { flags, fh } = readGetattr(request);
  const file = (flags & 1) !== 0 ? volume.files.get(fh) : undefined;
  const fd = file ? file.fd : volume.descriptors.of(node);
  if (fd < 0) return fd;
  const failed = volume.statxFd(fd);
  return failed < 0 ? failed : writeAttrOut(volume, file ? file.link : node.current, reply);
};

/** struct fuse_statx_out: attr_valid 0, attr_valid_nsec 8, flags 12, spare 16, struct fuse_statx 32 (as statx). */
export const statx: Operation = (volume, request, reply) => {
  const node = volume.nodeOf(request);
  if (!node) return STALE;
  const { getattrFlags, fh, mask } = readStatx(request);
  const file = (getattrFlags & 1) !== 0 ? volume.files.get(fh) : undefined;
  const fd = file ? file.fd : volume.descriptors.of(node);
  if (fd < 0) return fd;
  const failed = volume.statxFd(fd, mask & (STATX_BASIC | STATX_BTIME));
  if (failed < 0) return failed;
  const { scratch } = volume;
  reply.zero(0, 32);
  reply.u64(0, volume.options.attributeTimeoutSeconds);
  reply.bytes.set(scratch.bytes.subarray(scratch.statxAt, scratch.statxAt + STATX.size_of), 32);
  // Overrides know struct fuse_attr alone, which is written behind the body.
  const attrAt = 32 + STATX.size_of;
  attrFromStatx(reply.view, attrAt, reply.view, 32);
  if (volume.policy.overrideAttr(file ? file.link : node.current, reply.view, attrAt)) {
    statxFromAttr(reply.view, 32, reply.view, attrAt);
  }
  return attrAt;
};

export const setattr: Operation = (volume, request, reply) => {
  const node = volume.nodeOf(request);
  if (!node) return STALE;
  const change = readSetattr(request);
  const file = (change.valid & FATTR.FH) !== 0 ? volume.files.get(change.fh) : undefined;
  const fd = volume.descriptors.of(node);
  if (fd < 0) return fd;
  const link = file ? file.link : node.current;
  volume.identity.assume(request.uid, request.gid, request.pid, workOf(change));
  const failed =
    changeOwner(volume, fd, change) ||
    changeMode(volume, fd, change) ||
    changeSize(volume, node, file?.fd, change) ||
    changeTimes(volume, fd, change) ||
    volume.statxFd(fd);
  return failed < 0 ? failed : writeAttrOut(volume, link, reply);
};

type Change = ReturnType<typeof readSetattr>;

function workOf({ valid }: Change): Work {
  // The kernel asks for the bits to be dropped whenever owners change; whether they do depends on who asks.
  if ((valid & (FATTR.UID | FATTR.GID)) !== 0) return 'change';
  return (valid & FATTR.KILL_SUIDGID) !== 0 ? 'change and drop set-id' : 'change and keep set-id';
}

function changeOwner(volume: Volume, fd: number, change: Change): number {
  if ((change.valid & (FATTR.UID | FATTR.GID)) === 0) return 0;
  const uid = (change.valid & FATTR.UID) !== 0 ? change.uid : -1;
  const gid = (change.valid & FATTR.GID) !== 0 ? change.gid : -1;
  return call5(SYS.fchownat, fd, volume.scratch.empty, uid, gid, AT.EMPTY_PATH);
}

function changeMode(volume: Volume, fd: number, change: Change): number {
  if ((change.valid & FATTR.MODE) === 0) return 0;
  return call3(SYS.fchmodat, volume.proc, volume.scratch.digits(fd), change.mode & 0o7777);
}

function changeSize(volume: Volume, node: Node, open: number | undefined, change: Change): number {
  if ((change.valid & FATTR.SIZE) === 0) return 0;
  if (open !== undefined) return call2(SYS.ftruncate, open, change.size);
  const fd = volume.reopen(node, O.WRONLY | O.NONBLOCK);
  if (fd < 0) return fd;
  const result = call2(SYS.ftruncate, fd, change.size);
  call1(SYS.close, fd);
  return result;
}

function changeTimes(volume: Volume, fd: number, change: Change): number {
  const { valid } = change;
  if ((valid & (FATTR.ATIME | FATTR.MTIME)) === 0) return 0;
  const { scratch } = volume;
  const set = (at: number, present: number, now: number, seconds: bigint, nanoseconds: number) => {
    scratch.setBig(at, (valid & present) !== 0 ? seconds : 0n);
    const special = (valid & present) === 0 ? UTIME_OMIT : (valid & now) !== 0 ? UTIME_NOW : nanoseconds;
    scratch.view.setBigUint64(at + 8, BigInt(special), LITTLE_ENDIAN);
  };
  set(scratch.timesAt, FATTR.ATIME, FATTR.ATIME_NOW, change.atime, change.atimeNsec);
  set(scratch.timesAt + 16, FATTR.MTIME, FATTR.MTIME_NOW, change.mtime, change.mtimeNsec);
  return call4(SYS.utimensat, fd, scratch.empty, scratch.times, AT.EMPTY_PATH);
}
