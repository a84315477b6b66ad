import {
  readCopyFileRange,
  readFallocate,
  readFsync,
  readLseek,
  readRead,
  readWrite,
  WRITE,
  WRITE_DATA_AT,
} from '@ordeal/fuse';
import { call1, call3, call4, call6, ERRNO, SYS } from '@ordeal/linux';
import { O } from '../backing/file-flags.js';
import type { OpenFile } from '../open-files.js';
import type { Volume } from '../volume.js';
import type { Operation } from './operation.js';

const BAD = -ERRNO.EBADF;
/** include/uapi/linux/fs.h (Linux 4.16) */
const RWF_APPEND = 0x10;
/** include/uapi/asm-generic/fcntl.h */
const F_SETFL = 4;

export const read: Operation = (volume, request, reply) => {
  const { fh, offset, size, flags } = readRead(request);
  const file = volume.files.get(fh);
  if (!file) return BAD;
  followDirect(file, flags);
  return call4(SYS.pread64, file.fd, reply.address, Math.min(size, reply.capacity), offset);
};

export const write: Operation = (volume, request, reply) => {
  const { fh, offset, size, writeFlags, flags } = readWrite(request);
  const file = volume.files.get(fh);
  if (!file) return BAD;
  const data = request.addressOf(WRITE_DATA_AT, size);
  let written: number;
  if ((writeFlags & WRITE.CACHE) !== 0) {
    // Written back by the kernel: nobody's identity, no flags, and an offset that counts.
    volume.identity.resume();
    written = call4(SYS.pwrite64, file.fd, data, size, offset);
  } else {
    const kill = (writeFlags & WRITE.KILL_SUIDGID) !== 0;
    volume.identity.assume(
      request.uid,
      request.gid,
      request.pid,
      kill ? 'change and drop set-id' : 'change and keep set-id',
    );
    followDirect(file, flags);
    written =
      (flags & O.APPEND) === 0
        ? call4(SYS.pwrite64, file.fd, data, size, offset)
        : append(volume, file.fd, data, size);
  }
  if (written < 0) return written;
  reply.u32(0, written);
  reply.u32(4, 0);
  return 8;
};

/** At the end as the backing file system sees it: others may write there too. */
function append(volume: Volume, fd: number, data: number, size: number): number {
  const { scratch } = volume;
  scratch.setU64(scratch.iovecAt, data);
  scratch.setU64(scratch.iovecAt + 8, size);
  return call6(SYS.pwritev2, fd, scratch.iovec, 1, 0, 0, RWF_APPEND);
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
  return call1((flags & 1) !== 0 ? SYS.fdatasync : SYS.fsync, file.fd);
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

export const lseek: Operation = (volume, request, reply) => {
  const { fh, offset, whence } = readLseek(request);
  const file = volume.files.get(fh);
  if (!file) return BAD;
  const result = call3(SYS.lseek, file.fd, offset, whence);
  if (result < 0) return result;
  reply.u64(0, result);
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

type CopyWish = ReturnType<typeof readCopyFileRange>;

function copy(volume: Volume, wish: CopyWish, uid: number, gid: number, pid: number): number {
  const from = volume.files.get(wish.fhIn);
  const to = volume.files.get(wish.fhOut);
  if (!from || !to) return BAD;
  // The kernel then copies by reads and writes, which meet the rules.
  if (volume.policy.mustCopyByHand(from.link, to.link)) return -ERRNO.EOPNOTSUPP;
  const { scratch } = volume;
  scratch.setBig(scratch.offsetsAt, wish.offsetIn);
  scratch.setBig(scratch.offsetsAt + 8, wish.offsetOut);
  volume.identity.assume(uid, gid, pid, 'change');
  const length = Math.min(wish.length, 0x7ffff000);
  return call6(SYS.copy_file_range, from.fd, scratch.offsets, to.fd, scratch.offsets + 8, length, 0);
}
