import {
  NO_REPLY,
  readCopyFileRange,
  readFallocate,
  readFsync,
  readLseek,
  readRead,
  readWrite,
  STATX,
  WRITE,
  WRITE_DATA_AT,
} from '@ordeal/fuse';
import { call1, call3, call4, call6, ERRNO, exactCall3, SYS } from '@ordeal/linux';
import { O } from '../backing/file-flags.js';
import { type Offload, type OffloadedCall, REPLY } from '../offload/offload.js';
import type { OpenFile } from '../open-files.js';
import { reached } from '../steps.js';
import type { Volume } from '../volume.js';
import type { Operation } from './operation.js';

const BAD = -ERRNO.EBADF;
/** include/uapi/linux/fs.h (Linux 4.16) */
const RWF_APPEND = 0x10;
const RWF_NOWAIT = 8;
/** No result of a system call. */
const NOT_READY = -0x20000;
const READ: OffloadedCall = { call: SYS.pread64, reply: REPLY.bytes, work: undefined };
/** include/uapi/asm-generic/fcntl.h */
const F_SETFL = 4;
const SEEK_SET = 0;
const SEEK_CUR = 1;

export const read: Operation = (volume, request, reply) => {
  const { fh, offset, size, flags } = readRead(request);
  const file = volume.files.get(fh);
  if (!file) return BAD;
  followDirect(file, flags);
  const wanted = Math.min(size, reply.capacity);
  // Memory never waits.
  if (volume.offload && volume.backing !== 'memory' && typeof offset === 'number') {
    const ready = readReady(volume, volume.offload, file, reply.address, wanted, offset);
    if (ready !== NOT_READY) return ready;
    const slot = volume.offload.reserve(wanted);
    if (slot >= 0) {
      volume.offload.send(slot, request, READ, file.fd, volume.offload.address(slot), wanted, offset);
      return NO_REPLY;
    }
  }
  return call4(SYS.pread64, file.fd, reply.address, wanted, offset);
};

/**
 * What can be read without waiting for a disk, or {@link NOT_READY}. Direct I/O always waits, so it is only given away
 * where others would wait with it: a fast disk answers sooner than the result comes back.
 */
function readReady(
  volume: Volume,
  offload: Offload,
  file: OpenFile,
  address: number,
  size: number,
  offset: number,
): number {
  if ((file.flags & O.DIRECT) !== 0 || !volume.knowsNowait) {
    if (isBetterOffloaded(volume, offload)) return NOT_READY;
    return volume.latency.measure(() => call4(SYS.pread64, file.fd, address, size, offset));
  }
  const { scratch } = volume;
  scratch.setU64(scratch.iovecAt, address);
  scratch.setU64(scratch.iovecAt + 8, size);
  const result = call6(SYS.preadv2, file.fd, scratch.iovec, 1, offset, 0, RWF_NOWAIT);
  if (result === size || result === 0) return result;
  if (result === -ERRNO.EAGAIN) return NOT_READY;
  // The file system cannot tell.
  if (result === -ERRNO.EOPNOTSUPP) volume.knowsNowait = false;
  // Less than wanted is the end of the file, or that of what is in memory.
  return call4(SYS.pread64, file.fd, address, size, offset);
}

function isBetterOffloaded(volume: Volume, offload: Offload): boolean {
  return volume.latency.slow || offload.crowded;
}

export const write: Operation = (volume, request, reply) => {
  const { fh, offset, size, writeFlags, flags } = readWrite(request);
  const file = volume.files.get(fh);
  if (!file) return BAD;
  const data = request.addressOf(WRITE_DATA_AT, size);
  const kill = (writeFlags & WRITE.KILL_SUIDGID) !== 0;
  // Written back by the kernel: no caller's identity, no flags, and the offset is valid.
  const cached = (writeFlags & WRITE.CACHE) !== 0;
  const work = cached ? undefined : kill ? 'change and drop set-id' : 'change and keep set-id';
  if (!cached) followDirect(file, flags);
  // Pages of a mapping end where the file does, which direct I/O would refuse.
  const aside = cached && (file.flags & O.DIRECT) !== 0;
  const appends = !cached && (flags & O.APPEND) !== 0;
  const waits =
    volume.backing === 'other' || (volume.backing === 'local' && (file.flags & (O.DIRECT | O.DSYNC)) !== 0);
  const { offload } = volume;
  if (
    offload &&
    waits &&
    !appends &&
    !aside &&
    typeof offset === 'number' &&
    isBetterOffloaded(volume, offload)
  ) {
    const slot = offload.reserve(size);
    if (slot >= 0) {
      offload.bytes(slot).set(request.bytes(WRITE_DATA_AT, size));
      const offloaded = { call: SYS.pwrite64, reply: REPLY.count, work } as const;
      offload.send(slot, request, offloaded, file.fd, offload.address(slot), size, offset);
      return NO_REPLY;
    }
  }
  if (work) volume.identity.assume(request.uid, request.gid, request.pid, work);
  else volume.identity.resume();
  if (aside) call3(SYS.fcntl, file.fd, F_SETFL, file.flags & ~O.DIRECT);
  const begun = waits ? performance.now() : 0;
  const written = appends
    ? append(volume, request.pid, file.fd, data, size, offset)
    : call4(SYS.pwrite64, file.fd, data, size, offset);
  if (waits) volume.latency.note(begun, performance.now());
  if (aside) call3(SYS.fcntl, file.fd, F_SETFL, file.flags);
  if (written < 0) return written;
  reply.u32(0, written);
  reply.u32(4, 0);
  return 8;
};

/**
 * At the end as the backing file system sees it: others may write there too.
 *
 * @param offset where the kernel takes the end to be
 */
function append(
  volume: Volume,
  tid: number,
  fd: number,
  data: number,
  size: number,
  offset: number | bigint,
): number {
  const { scratch } = volume;
  if (volume.statxFd(fd) >= 0) {
    const end = scratch.u64(scratch.statxAt + STATX.size);
    volume.appends.begin(tid, volume.statxIdentity().ino, offset, end, size);
  }
  reached('appending');
  scratch.setU64(scratch.iovecAt, data);
  scratch.setU64(scratch.iovecAt + 8, size);
  const written = call6(SYS.pwritev2, fd, scratch.iovec, 1, 0, 0, RWF_APPEND);
  reached('appended');
  return written;
}

/** fcntl(2) may have changed O_DIRECT since the open; requests carry the flags of now. */
function followDirect(file: OpenFile, flags: number): void {
  if (((file.flags ^ flags) & O.DIRECT) === 0) return;
  const wanted = (file.flags & ~O.DIRECT) | (flags & O.DIRECT);
  if (call3(SYS.fcntl, file.fd, F_SETFL, wanted) >= 0) file.flags = wanted;
}

export const fsync: Operation = (volume, request) => {
  const { fh, flags } = readFsync(request);
  const file = volume.files.get(fh);
  if (!file) return BAD;
  const call = (flags & 1) !== 0 ? SYS.fdatasync : SYS.fsync;
  const slot = volume.offload?.reserve(0) ?? -1;
  if (!volume.offload || slot < 0) return call1(call, file.fd);
  volume.offload.send(slot, request, { call, reply: REPLY.none, work: undefined }, file.fd);
  return NO_REPLY;
};

export const syncfs: Operation = (volume) => {
  const fd = volume.reopen(volume.root, O.RDONLY | O.NONBLOCK);
  if (fd < 0) return fd;
  const result = call1(SYS.syncfs, fd);
  call1(SYS.close, fd);
  return result;
};

export const fallocate: Operation = (volume, request) => {
  const { fh, offset, length, mode } = readFallocate(request);
  const file = volume.files.get(fh);
  if (!file) return BAD;
  volume.identity.assume(request.uid, request.gid, request.pid, 'change');
  return call4(SYS.fallocate, file.fd, mode, offset, length);
};

/** The offset of a file that is locked is the lock's mark: see {@link LockMark}. */
export const lseek: Operation = (volume, request, reply) => {
  const { fh, offset, whence } = readLseek(request);
  const file = volume.files.get(fh);
  if (!file) return BAD;
  const mark = file.flocked ? call3(SYS.lseek, file.fd, 0, SEEK_CUR) : -1;
  const result = exactCall3(SYS.lseek, file.fd, offset, whence);
  if (mark >= 0) call3(SYS.lseek, file.fd, mark, SEEK_SET);
  if (typeof result === 'number' && result < 0) return result;
  reply.big(0, BigInt(result));
  return 8;
};

export const copyFileRange: Operation = (volume, request, reply) => {
  const copied = copy(volume, readCopyFileRange(request), request.uid, request.gid, request.pid);
  if (copied < 0) return copied;
  reply.u32(0, copied);
  reply.u32(4, 0);
  return 8;
};

/** The same with a 64-bit answer (7.45, Linux 6.18). */
export const copyFileRange64: Operation = (volume, request, reply) => {
  const copied = copy(volume, readCopyFileRange(request), request.uid, request.gid, request.pid);
  if (copied < 0) return copied;
  reply.u64(0, copied);
  return 8;
};

type CopyRange = ReturnType<typeof readCopyFileRange>;

function copy(volume: Volume, range: CopyRange, uid: number, gid: number, pid: number): number {
  const from = volume.files.get(range.fhIn);
  const to = volume.files.get(range.fhOut);
  if (!from || !to) return BAD;
  // The kernel then copies by reads and writes, which meet the rules.
  if (volume.policy.mustCopyByHand(from.link, to.link)) return -ERRNO.EOPNOTSUPP;
  const { scratch } = volume;
  scratch.setBig(scratch.offsetsAt, range.offsetIn);
  scratch.setBig(scratch.offsetsAt + 8, range.offsetOut);
  volume.identity.assume(uid, gid, pid, 'change');
  const length = Math.min(range.length, 0x7ffff000);
  return call6(SYS.copy_file_range, from.fd, scratch.offsets, to.fd, scratch.offsets + 8, length, 0);
}
