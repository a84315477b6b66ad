import { ERRNO } from '@ordeal/diagnostics';
import { LITTLE_ENDIAN } from './bytes.js';
import { AT_EMPTY_PATH } from './fcntl-flags.js';
import { trySyscall } from './syscall.js';
import { SyscallError } from './syscall-error.js';
import { SYS } from './syscall-numbers.js';

/** The identity and the type of a file. */
export interface FileIdentity {
  /** The mount through which it was reached (Linux 5.8). Not unique over time. */
  readonly mount: number;
  /** `major:minor`, as in mountinfo. */
  readonly device: string;
  readonly inode: bigint;
  /** File type and permissions, as st_mode. */
  readonly mode: number;
  readonly links: number;
  /** Bytes, as cached by this kernel: the server of a file system may have a newer size. */
  readonly size: bigint;
  /** Whether it is the root of its mount (Linux 5.8). */
  readonly mountRoot: boolean;
}

// include/uapi/linux/fcntl.h and stat.h
const AT_STATX_DONT_SYNC = 0x4000;
const STATX_TYPE_MODE_NLINK_INO_SIZE = 0x1 | 0x2 | 0x4 | 0x100 | 0x200;
const STATX_MNT_ID = 0x1000;
const STATX_ATTR_MOUNT_ROOT = 0x2000;
const EMPTY = new Uint8Array(1);

const buffer = new Uint8Array(256);
const view = new DataView(buffer.buffer);

/** The identity of the file of a descriptor; needs no server and no disk. @throws SyscallError */
export function identifyDescriptor(fd: number): FileIdentity {
  const result = trySyscall(
    SYS.statx,
    fd,
    EMPTY,
    AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
    STATX_TYPE_MODE_NLINK_INO_SIZE | STATX_MNT_ID,
    buffer,
  );
  if (result < 0) throw new SyscallError(`statx(descriptor ${fd})`, -result);
  return decode();
}

/**
 * The identity of `path` (NUL-terminated) below the directory `at`, symbolic links followed, so that a link in
 * `/proc/PID/fd` gives the open file itself. `undefined` if there is no such file.
 *
 * @throws SyscallError
 */
export function identifyPath(at: number, path: Uint8Array): FileIdentity | undefined {
  const result = trySyscall(
    SYS.statx,
    at,
    path,
    AT_STATX_DONT_SYNC,
    STATX_TYPE_MODE_NLINK_INO_SIZE | STATX_MNT_ID,
    buffer,
  );
  if (result === -ERRNO.ENOENT || result === -ERRNO.ESRCH || result === -ERRNO.ENXIO) return undefined;
  if (result < 0) throw new SyscallError('statx', -result);
  return decode();
}

/** `struct statx`: attributes at 8, nlink at 16, mode at 28, ino at 32, size at 40, dev_major at 136, dev_minor at 140, mnt_id at 144. */
function decode(): FileIdentity {
  return {
    links: view.getUint32(16, LITTLE_ENDIAN),
    mode: view.getUint16(28, LITTLE_ENDIAN),
    inode: view.getBigUint64(32, LITTLE_ENDIAN),
    size: view.getBigUint64(40, LITTLE_ENDIAN),
    device: `${view.getUint32(136, LITTLE_ENDIAN)}:${view.getUint32(140, LITTLE_ENDIAN)}`,
    mountRoot: (view.getUint32(8, LITTLE_ENDIAN) & STATX_ATTR_MOUNT_ROOT) !== 0,
    mount: Number(view.getBigUint64(144, LITTLE_ENDIAN)),
  };
}
