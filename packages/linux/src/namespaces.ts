import { syscall } from './syscall.js';
import { SYS } from './syscall-numbers.js';

// include/uapi/linux/sched.h
const CLONE_FS = 0x200;
const CLONE_NEWNS = 0x20000;
const CLONE_NEWCGROUP = 0x2000000;

/**
 * Takes the calling thread, and only it, into the mount namespace that `namespace` (a descriptor of /proc/PID/ns/mnt)
 * refers to; its working and root directory become those of the namespace. Open descriptors stay valid.
 *
 * Only for a Worker, and only after libuv's thread pool exists: a pool that a visiting thread starts would stay behind
 * in the namespace and serve the whole process from there.
 *
 * @throws SyscallError
 */
export function enterMountNamespace(namespace: number): void {
  // A thread that shares its directories with others may not change them alone.
  syscall('unshare(CLONE_FS)', SYS.unshare, CLONE_FS);
  syscall('setns(CLONE_NEWNS)', SYS.setns, namespace, CLONE_NEWNS);
}

/**
 * Takes the calling thread into the cgroup namespace that `namespace` (a descriptor of /proc/PID/ns/cgroup) refers to.
 *
 * @throws SyscallError
 */
export function enterCgroupNamespace(namespace: number): void {
  syscall('setns(CLONE_NEWCGROUP)', SYS.setns, namespace, CLONE_NEWCGROUP);
}
