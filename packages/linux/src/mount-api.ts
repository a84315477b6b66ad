import { cString, StructWriter } from './bytes.js';
import { AT_EMPTY_PATH, O_PATH } from './fcntl-flags.js';
import { Fd } from './fd.js';
import { openPath } from './open-file.js';
import { syscall } from './syscall.js';
import { SYS } from './syscall-numbers.js';

/**
 * Mounts by descriptor (Linux 5.2; mount_setattr 5.12). All of it needs CAP_SYS_ADMIN, and mounts that are attached
 * must belong to the mount namespace of the calling thread. All functions throw SyscallError.
 */

const EMPTY = cString('');
/** include/uapi/linux/fcntl.h */
const AT_RECURSIVE = 0x8000;
// include/uapi/linux/mount.h
const OPEN_TREE_CLONE = 1;
const OPEN_TREE_CLOEXEC = 0o2000000;
const FSOPEN_CLOEXEC = 1;
const FSMOUNT_CLOEXEC = 1;
const FSCONFIG_CMD_CREATE = 6;
const MOVE_MOUNT_F_EMPTY_PATH = 0x04;
const MOVE_MOUNT_T_EMPTY_PATH = 0x40;
const MS_PRIVATE = 1 << 18;
const MNT_DETACH = 2;

/** A detached copy of the mount tree below `root`, submounts included. It is destroyed with the descriptor. */
export function cloneTree(root: Fd): Fd {
  const flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE;
  return new Fd(
    syscall(`open_tree(${root.what})`, SYS.open_tree, root.number, EMPTY, flags),
    `a copy of ${root.what}`,
  );
}

/** A file system of the kernel, `debugfs` for example, mounted nowhere. It is unmounted with the descriptor. */
export function mountDetached(type: string): Fd {
  const context = new Fd(
    syscall(`fsopen(${type})`, SYS.fsopen, cString(type), FSOPEN_CLOEXEC),
    `${type} context`,
  );
  try {
    syscall(`fsconfig(${type})`, SYS.fsconfig, context.number, FSCONFIG_CMD_CREATE, 0, 0, 0);
    return new Fd(
      syscall(`fsmount(${type})`, SYS.fsmount, context.number, FSMOUNT_CLOEXEC, 0),
      `${type} mount`,
    );
  } finally {
    context.close();
  }
}

/** Makes a tree of mounts private. */
export function makePrivate(mount: Fd): void {
  // struct mount_attr: attr_set, attr_clr, propagation at 16, userns_fd
  const attributes = new StructWriter(32).u64(16, MS_PRIVATE).bytes;
  const flags = AT_EMPTY_PATH | AT_RECURSIVE;
  syscall(
    `mount_setattr(${mount.what})`,
    SYS.mount_setattr,
    mount.number,
    EMPTY,
    flags,
    attributes,
    attributes.length,
  );
}

/** Attaches a detached mount over `place`, on top of anything mounted there. */
export function attachMount(mount: Fd, place: Fd): void {
  const flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
  syscall(`move_mount(${mount.what})`, SYS.move_mount, mount.number, EMPTY, place.number, EMPTY, flags);
}

/**
 * Unmounts lazily: the mount lives as long as it is in use. No request is sent to its server, so a dead one is no
 * obstacle. Changes the working directory of the calling thread.
 *
 * @param descriptors an O_PATH descriptor of this process's own /proc/self/fd, opened in its own mount namespace
 */
export function detachMount(mount: Fd, descriptors: Fd): void {
  syscall('fchdir(/proc/self/fd)', SYS.fchdir, descriptors.number);
  syscall(`umount(${mount.what})`, SYS.umount2, cString(String(mount.number)), MNT_DETACH);
}

/** What {@link detachMount} needs. The caller closes it. */
export function openOwnDescriptors(): Fd {
  return openPath('/proc/self/fd', O_PATH);
}
