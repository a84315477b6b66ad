import { type Fd, StructWriter, SYS, syscall, trySyscall } from '@ordeal/linux';

// include/uapi/linux/fuse.h, FUSE_DEV_IOC_MAGIC 229: _IOR(229, 0, u32), _IOW(229, 1, struct fuse_backing_map of 16
// bytes: fd 0, flags 4, padding 8), _IOW(229, 2, u32).
const CLONE = 0x8004e500;
const BACKING_OPEN = 0x4010e501;
const BACKING_CLOSE = 0x4004e502;

/**
 * Joins a fresh `/dev/fuse` descriptor to the connection of `device`, for one more serving thread. The thread's
 * replies go to the descriptor from which the request came. @throws SyscallError
 */
export function cloneDevice(device: Fd, fresh: Fd): void {
  const number = new StructWriter(4).u32(0, device.number).bytes;
  syscall('ioctl(FUSE_DEV_IOC_CLONE)', SYS.ioctl, fresh.number, CLONE, number);
}

/**
 * Registers an open file as the backing of a passthrough file; the kernel holds its own reference (Linux 6.9).
 *
 * @returns the backing id, or `-errno`: ELOOP if the file is on too many stacked file systems, EOPNOTSUPP if its file
 * system does not support it
 */
export function openBacking(device: number, file: number): number {
  return trySyscall(SYS.ioctl, device, BACKING_OPEN, new StructWriter(16).u32(0, file).bytes);
}

/** Releases a backing id; files that are open with it keep working. */
export function closeBacking(device: number, id: number): void {
  trySyscall(SYS.ioctl, device, BACKING_CLOSE, new StructWriter(4).u32(0, id).bytes);
}
