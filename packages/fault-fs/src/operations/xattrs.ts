import { INIT, readGetxattr, readSetxattr, SETXATTR_ACL_KILL_SGID } from '@ordeal/fuse';
import { call2, call3, call4, call5, SYS } from '@ordeal/linux';
import { STALE } from '../volume.js';
import type { Operation } from './operation.js';

// By /proc/self/fd/N: the f… calls refuse O_PATH descriptors, and the link leads to symbolic links themselves.

export const setxattr: Operation = (volume, request) => {
  const node = volume.nodeOf(request);
  if (!node) return STALE;
  const long = ((volume.agreement?.flags ?? 0) & INIT.SETXATTR_EXT) !== 0;
  const { size, flags, setxattrFlags, nameAt } = readSetxattr(request, long);
  const length = request.nameLength(nameAt);
  const name = request.addressOf(nameAt, length + 1);
  const value = request.addressOf(nameAt + length + 1, size);
  const fd = volume.descriptors.of(node);
  if (fd < 0) return fd;
  const kill = (setxattrFlags & SETXATTR_ACL_KILL_SGID) !== 0;
  const work = kill ? 'change and drop set-id' : 'change and keep set-id';
  volume.identity.assume(request.uid, request.gid, request.pid, work);
  return call5(SYS.setxattr, volume.scratch.procPath(fd), name, value, size, flags);
};

/** With size 0 the answer is struct fuse_getxattr_out: the size that is needed. */
export const getxattr: Operation = (volume, request, reply) => {
  const node = volume.nodeOf(request);
  if (!node) return STALE;
  const { size, nameAt } = readGetxattr(request);
  const name = request.addressOf(nameAt, request.nameLength(nameAt) + 1);
  const fd = volume.descriptors.of(node);
  if (fd < 0) return fd;
  const room = Math.min(size, reply.capacity);
  const result = call4(SYS.getxattr, volume.scratch.procPath(fd), name, room === 0 ? 0 : reply.address, room);
  if (result < 0 || size !== 0) return result;
  reply.u64(0, result);
  return 8;
};

export const listxattr: Operation = (volume, request, reply) => {
  const node = volume.nodeOf(request);
  if (!node) return STALE;
  const { size } = readGetxattr(request);
  const fd = volume.descriptors.of(node);
  if (fd < 0) return fd;
  const room = Math.min(size, reply.capacity);
  const result = call3(SYS.listxattr, volume.scratch.procPath(fd), room === 0 ? 0 : reply.address, room);
  if (result < 0 || size !== 0) return result;
  reply.u64(0, result);
  return 8;
};

export const removexattr: Operation = (volume, request) => {
  const node = volume.nodeOf(request);
  if (!node) return STALE;
  const name = request.addressOf(40, request.nameLength(40) + 1);
  const fd = volume.descriptors.of(node);
  return fd < 0 ? fd : call2(SYS.removexattr, volume.scratch.procPath(fd), name);
};
