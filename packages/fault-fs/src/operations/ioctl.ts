import { IOCTL_DIR, readIoctl } from '@ordeal/fuse';
import { call3, ERRNO, SYS } from '@ordeal/linux';
import { O } from '../backing/file-flags.js';
import type { Operation } from './operation.js';

/**
 * ioctls that are passed on. The argument of any other might contain addresses of the caller, which would be read or
 * written in the server's memory instead: they are refused with ENOTTY. Only flat structures are listed, whose size is
 * in the number. Sources: include/uapi/linux/fs.h, fscrypt.h; those of ext4 in fs/ext4/ext4.h.
 */
const FLAT = new Set([
  0x80086601, // FS_IOC_GETFLAGS
  0x40086602, // FS_IOC_SETFLAGS
  0x80087601, // FS_IOC_GETVERSION: the inode's generation
  0x40087602, // FS_IOC_SETVERSION
  0x80086603, // EXT4_IOC_GETVERSION
  0x40086604, // EXT4_IOC_SETVERSION
  0x801c581f, // FS_IOC_FSGETXATTR
  0x401c5820, // FS_IOC_FSSETXATTR
  0x81009431, // FS_IOC_GETFSLABEL
  0x80111500, // FS_IOC_GETFSUUID
  0x80811501, // FS_IOC_GETFSSYSFSPATH
  0x80046601, // FS_IOC32_GETFLAGS
  0x40046602, // FS_IOC32_SETFLAGS
  0x80047601, // FS_IOC32_GETVERSION
  0x40047602, // FS_IOC32_SETVERSION
]);

/** Answers struct fuse_ioctl_out (result 0, flags 4, in_iovs 8, out_iovs 12) and the data. */
export const ioctl: Operation = (volume, request, reply) => {
  const { fh, flags, command, inSize, outSize, dataAt } = readIoctl(request);
  const file = volume.files.get(fh);
  if (!file) return -ERRNO.EBADF;
  if (!FLAT.has(command)) return -ERRNO.ENOTTY;
  const size = (command >>> 16) & 0x3fff;
  if (inSize > size || outSize > size || ((flags & IOCTL_DIR) !== 0) !== isDirectory(file.flags)) {
    return -ERRNO.EINVAL;
  }
  reply.zero(0, 16 + Math.max(size, 8));
  reply.bytes.set(request.bytes(dataAt, inSize), 16);
  // The server may do more than the caller: unlike file operations, the kernel has not checked this yet.
  if (!volume.identity.assumeStrictly(request.uid, request.gid, request.pid)) return -ERRNO.EPERM;
  const result = call3(SYS.ioctl, file.fd, command, reply.address + 16);
  // What comes next may need to reach what this caller cannot.
  volume.identity.resume();
  if (result < 0) return result;
  reply.u32(0, result);
  return 16 + outSize;
};

function isDirectory(flags: number): boolean {
  return (flags & O.DIRECTORY) !== 0;
}
