import { ENTRY_OUT, OPEN_OUT, type Reply, readOpen, readRead } from '@ordeal/fuse';
import { call3, ERRNO, LITTLE_ENDIAN, SYS } from '@ordeal/linux';
import { O } from '../backing/file-flags.js';
import { DIRENTS_SIZE } from '../backing/scratch.js';
import type { OpenFile } from '../open-files.js';
import { FULL, STALE, type Volume } from '../volume.js';
import { lookUp, writeEntry } from './entries.js';
import type { Operation } from './operation.js';

/** struct linux_dirent64: ino 0, off 8, reclen 16, type 18, name 19. */
const FROM_NAME = 19;
/** struct fuse_dirent: ino 0, off 8, namelen 16, type 20, name 24; records are 8-byte aligned. */
const TO_NAME = 24;
const SEEK_SET = 0;

export const opendir: Operation = (volume, request, reply) => {
  const node = volume.nodeOf(request);
  if (!node) return STALE;
  if (volume.files.full) return FULL;
  const flags = O.RDONLY | O.DIRECTORY | (readOpen(request).flags & O.NOATIME);
  const fd = volume.reopen(node, flags);
  if (fd < 0) return fd;
  const file = { node, link: node.current, fd, flags, opening: 0, position: 0, flocked: false };
  reply.u64(0, volume.files.add(file));
  volume.descriptors.opened(fd);
  reply.u64(8, 0);
  return OPEN_OUT;
};

/**
 * Entries from a cookie on: the backing file system's own offsets, so that seekdir(3) works and directories of any size
 * are read once. The backing descriptor is only moved when the client continues elsewhere.
 */
export const readdir: Operation = (volume, request, reply) => {
  const { fh, offset, size } = readRead(request);
  const file = volume.files.get(fh);
  if (!file) return -ERRNO.EBADF;
  // A FUSE record is at most 8 bytes longer than the backing one of at least 24: three quarters always fit.
  const read = fetch(volume, file, offset, Math.floor((Math.min(size, reply.capacity) * 3) / 4));
  if (read <= 0) return read;
  const { view, bytes, direntsAt } = volume.scratch;
  let to = 0;
  for (let at = direntsAt; at < direntsAt + read; at += view.getUint16(at + 16, LITTLE_ENDIAN)) {
    const length = bytes.indexOf(0, at + FROM_NAME) - at - FROM_NAME;
    to += copyDirent(volume, reply, at, to, length);
    file.position = cookie(volume, at);
  }
  return to;
};

/** Entries together with a lookup of each; `.` and `..` get none. */
export const readdirplus: Operation = (volume, request, reply) => {
  const { fh, offset, size } = readRead(request);
  const file = volume.files.get(fh);
  const capacity = Math.min(size, reply.capacity);
  if (!file) return -ERRNO.EBADF;
  const read = fetch(volume, file, offset, Math.max(280, Math.floor(capacity / 6)));
  if (read <= 0) return read;
  const { view, bytes, direntsAt, memory } = volume.scratch;
  let to = 0;
  for (let at = direntsAt; at < direntsAt + read; at += view.getUint16(at + 16, LITTLE_ENDIAN)) {
    const start = at + FROM_NAME;
    const length = bytes.indexOf(0, start) - start;
    if (to + ENTRY_OUT + align(TO_NAME + length) > capacity) {
      // The backing descriptor is past what was delivered.
      file.position = -1;
      break;
    }
    const name = Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString('latin1');
    reply.zero(to, ENTRY_OUT);
    if (name !== '.' && name !== '..') {
      const link = lookUp(volume, file.node, memory.address + start, name);
      // An entry that was removed meanwhile is returned without an inode: node id 0.
      if (typeof link !== 'number') writeEntry(volume, link, reply, to);
    }
    to += ENTRY_OUT + copyDirent(volume, reply, at, to + ENTRY_OUT, length);
    file.position = cookie(volume, at);
  }
  return to;
};

/** @returns how many bytes of records there are from `offset` on, 0 at the end, or `-errno` */
function fetch(volume: Volume, file: OpenFile, offset: number | bigint, size: number): number {
  if (offset !== file.position) {
    const moved = call3(SYS.lseek, file.fd, offset, SEEK_SET);
    if (moved < 0) return moved;
    file.position = offset;
  }
  return call3(SYS.getdents64, file.fd, volume.scratch.dirents, Math.min(size, DIRENTS_SIZE));
}

function copyDirent(volume: Volume, reply: Reply, at: number, to: number, length: number): number {
  const { view, bytes } = volume.scratch;
  for (let word = 0; word < 16; word += 4) {
    reply.u32(to + word, view.getUint32(at + word, LITTLE_ENDIAN));
  }
  reply.u32(to + 16, length);
  reply.u32(to + 20, bytes[at + 18] ?? 0);
  reply.zero(to + TO_NAME, align(length));
  reply.bytes.set(bytes.subarray(at + FROM_NAME, at + FROM_NAME + length), to + TO_NAME);
  return align(TO_NAME + length);
}

function cookie(volume: Volume, at: number): number | bigint {
  const { view } = volume.scratch;
  const high = view.getInt32(at + 12, LITTLE_ENDIAN);
  if (high >= 0 && high < 0x200000) return high * 2 ** 32 + view.getUint32(at + 8, LITTLE_ENDIAN);
  return view.getBigInt64(at + 8, LITTLE_ENDIAN);
}

function align(length: number): number {
  return (length + 7) & ~7;
}
