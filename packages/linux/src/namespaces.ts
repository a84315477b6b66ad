import { syscall } from './syscall.js';
import { SYS } from './syscall-numbers.js';

// include/uapi/linux/sched.h
const CLONE_FS = 0x200;
const CLONE_NEWNS = 0x20000;
const CLONE_NEWCGROUP = 0x2000000;

/**
 * Moves only the calling thread into the mount namespace that `namespace` (a descriptor of /proc/PID/ns/mnt) refers
 * to; its working and root directory become those of the namespace. Open descriptors stay valid.
 *
 * Only for a Worker, and only after libuv's thread pool exists: a pool started by such a thread would stay in that
 * namespace and serve the whole process from there.
 *
 * @throws SyscallError
 */
export function enterMountNamespace(namespace: number): void {
  // A thread that shares its working and root directory with others cannot change mount namespace.
  syscall('unshare(CLONE_FS)', SYS.unshare, CLONE_FS);
  syscall('setns(CLONE_NEWNS)', SYS.setns, namespace, CLONE_NEWNS);
}

/**
 * Moves the calling thread into the cgroup namespace that `namespace` (a descriptor of /proc/PID/ns/cgroup) refers
 * to.
 *
 * @throws SyscallError
 */
export function enterCgroupNamespace(namespace: number): void {
  syscall('setns(CLONE_NEWCGROUP)', SYS.setns, namespace, CLONE_NEWCGROUP);
}
