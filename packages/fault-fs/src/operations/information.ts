import { call2, call4, LITTLE_ENDIAN, SYS } from '@ordeal/linux';
import { STALE } from '../volume.js';
import type { Operation } from './operation.js';

export const readlink: Operation = (volume, request, reply) => {
  const node = volume.nodeOf(request);
  if (!node) return STALE;
  const fd = volume.descriptors.of(node);
  if (fd < 0) return fd;
  // PATH_MAX - 1: the longest that a link can say.
  return call4(SYS.readlinkat, fd, volume.scratch.empty, reply.address, Math.min(4095, reply.capacity));
};

/** struct fuse_kstatfs: five u64 (blocks … ffree), then bsize 40, namelen 44, frsize 48; 80 bytes. */
export const statfs: Operation = (volume, request, reply) => {
  const node = volume.nodeOf(request);
  if (!node) return STALE;
  const fd = volume.descriptors.of(node);
  if (fd < 0) return fd;
  const { statfs: address, statfsAt: at, view } = volume.scratch;
  const failed = call2(SYS.fstatfs, fd, address);
  if (failed < 0) return failed;
  reply.zero(0, 80);
  // struct statfs of 64-bit machines: type 0, bsize 8, blocks 16 … ffree 48, namelen 64, frsize 72.
  for (let word = 0; word < 40; word += 4) reply.u32(word, view.getUint32(at + 16 + word, LITTLE_ENDIAN));
  reply.u32(40, view.getUint32(at + 8, LITTLE_ENDIAN));
  reply.u32(44, view.getUint32(at + 64, LITTLE_ENDIAN));
  reply.u32(48, view.getUint32(at + 72, LITTLE_ENDIAN));
  return 80;
};
