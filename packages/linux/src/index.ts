export { cString, LITTLE_ENDIAN, StructWriter } from './bytes.js';
export { type Cgroup, cgroup2Root, cgroupOfProcess, readCgroup } from './cgroupfs.js';
export { ERRNO, type ErrnoName, errnoName } from './errno.js';
export { Fd, leakedFds, traceFds } from './fd.js';
export { type Mount, parseMountinfo, readMounts } from './mountinfo.js';
export {
  listProcesses,
  type ProcessStatus,
  pidNamespaceInode,
  processTree,
  readCommandLine,
  readProcessStatus,
} from './procfs.js';
export {
  addressOf,
  keepAlive,
  type MappedMemory,
  mapShared,
  type SyscallArgument,
  syscall,
  trySyscall,
  unmap,
} from './syscall.js';
export { SyscallError } from './syscall-error.js';
export { SYS, type SyscallName } from './syscall-numbers.js';
