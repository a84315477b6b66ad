import { constants } from 'node:fs';
import { UnsupportedError } from '@ordeal/diagnostics';
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  cString,
  ERRNO,
  Fd,
  LITTLE_ENDIAN,
  O_CLOEXEC,
  SYS,
  SyscallError,
  syscall,
  trySyscall,
} from '@ordeal/linux';
import { FuseError } from './fuse-error.js';

// include/uapi/linux/mount.h and fcntl.h
const FSOPEN_CLOEXEC = 1;
const FSMOUNT_CLOEXEC = 1;
const FSCONFIG_SET_FLAG = 0;
const FSCONFIG_SET_STRING = 1;
const FSCONFIG_CMD_CREATE = 6;
const MOVE_MOUNT_F_EMPTY_PATH = 4;
const O_RDWR_NONBLOCK_CLOEXEC = constants.O_RDWR | constants.O_NONBLOCK | O_CLOEXEC;
const AT_STATX_DONT_SYNC = 0x4000;

/** Opens `/dev/fuse` for one new connection. @throws UnsupportedError if this host has none, FuseError ORD-701 */
export function openFuseDevice(): Fd {
  const fd = trySyscall(SYS.openat, AT_FDCWD, cString('/dev/fuse'), O_RDWR_NONBLOCK_CLOEXEC, 0);
  if (fd >= 0) return new Fd(fd, '/dev/fuse');
  const cause = new SyscallError('open(/dev/fuse)', -fd);
  // The host has FUSE, but does not permit its use.
  if (fd === -ERRNO.EACCES || fd === -ERRNO.EPERM) {
    throw new FuseError('ORD-701', `/dev/fuse may not be opened here: ${cause.message}`, {
      cause,
      hint: 'It needs root, and in a container the device: --device /dev/fuse --cap-add SYS_ADMIN, or privileged.',
    });
  }
  throw new UnsupportedError('ORD-701', '/dev/fuse', `there is no usable /dev/fuse: ${cause.message}`, {
    cause,
  });
}

export interface FuseMountOptions {
  /** Shown as the source in /proc/mounts. */
  readonly source: string;
  /** Shown as `fuse.SUBTYPE`. */
  readonly subtype: string;
  /** st_mode of the root: a directory's, or a regular file's for a mount over a single file. */
  readonly rootMode: number;
  /** MOUNT_ATTR_* bits (include/uapi/linux/mount.h) of the mount that is covered. */
  readonly attributes?: number;
  /** Whether the kernel checks permissions by the attributes that the server returns; INIT's POSIX_ACL implies it. */
  readonly defaultPermissions: boolean;
}

/**
 * Creates a FUSE file system that is not mounted anywhere yet; {@link attachMount} mounts it. Needs no answer from
 * the server. Closing the result destroys the mount if it was never attached. Needs Linux 5.2 and CAP_SYS_ADMIN.
 *
 * @throws FuseError ORD-704 with the kernel's error message
 */
export function createFuseMount(device: Fd, options: FuseMountOptions): Fd {
  const context = new Fd(step('fsopen(fuse)', SYS.fsopen, cString('fuse'), FSOPEN_CLOEXEC), 'fuse context');
  try {
    const strings: readonly (readonly [string, string])[] = [
      ['source', options.source],
      ['subtype', options.subtype],
      // As a string: the kernel refuses FSCONFIG_SET_FD for FUSE.
      ['fd', String(device.number)],
      ['rootmode', options.rootMode.toString(8)],
      ['user_id', '0'],
      ['group_id', '0'],
    ];
    for (const [key, value] of strings) {
      configure(context, `${key}=${value}`, FSCONFIG_SET_STRING, cString(key), cString(value));
    }
    const flags = options.defaultPermissions ? ['allow_other', 'default_permissions'] : ['allow_other'];
    for (const flag of flags) configure(context, flag, FSCONFIG_SET_FLAG, cString(flag), 0);
    configure(context, 'create', FSCONFIG_CMD_CREATE, 0, 0);
    const mount = step('fsmount', SYS.fsmount, context.number, FSMOUNT_CLOEXEC, options.attributes ?? 0);
    return new Fd(mount, 'detached fuse mount');
  } finally {
    context.close();
  }
}

function configure(
  context: Fd,
  what: string,
  command: number,
  key: Uint8Array | 0,
  value: Uint8Array | 0,
): void {
  step(`fsconfig(${what})`, SYS.fsconfig, context.number, command, key, value, 0);
}

/** Attaches a detached mount at `path` (below `directory` if it is relative). @throws FuseError ORD-704 */
export function attachMount(mount: Fd, path: string, directory = AT_FDCWD): void {
  const what = `move_mount(${path})`;
  step(what, SYS.move_mount, mount.number, cString(''), directory, cString(path), MOVE_MOUNT_F_EMPTY_PATH);
}

function step(what: string, ...call: Parameters<typeof trySyscall>): number {
  const result = trySyscall(...call);
  if (result >= 0) return result;
  const cause = new SyscallError(what, -result);
  throw new FuseError('ORD-704', `mounting the FUSE file system: ${cause.message}`, { cause });
}

/** The number of the connection in /sys/fs/fuse/connections. Sends no request to the server. @throws SyscallError */
export function connectionOf(mount: Fd): number {
  const statx = new Uint8Array(256);
  const flags = AT_EMPTY_PATH | AT_STATX_DONT_SYNC;
  syscall('statx(fuse mount)', SYS.statx, mount.number, cString(''), flags, 0, statx);
  const view = new DataView(statx.buffer);
  // struct statx: stx_dev_major 136, stx_dev_minor 140; the connection is named by the whole device number.
  return view.getUint32(136, LITTLE_ENDIAN) * 2 ** 20 + view.getUint32(140, LITTLE_ENDIAN);
}
