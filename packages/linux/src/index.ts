export { ERRNO, type ErrnoName, errnoName } from '@ordeal/diagnostics';
export { alignedInterval, monotonic, untilNext } from './aligned-timer.js';
export { bootId } from './boot-id.js';
export { cString, LITTLE_ENDIAN, StructWriter } from './bytes.js';
export type { TableCall } from './call-table.js';
export { type Cgroup, cgroup2Root, cgroupOfProcess, readCgroup } from './cgroupfs.js';
export { childExit, exitOf, type ProcessExit } from './child-exit.js';
export { DeadlineTimer } from './deadline-timer.js';
export { type DescriptorKeeper, keepDescriptors } from './descriptor-keeper.js';
export {
  controlSize,
  MAX_PASSED,
  passDescriptors,
  RECEIVE_FLAGS,
  receiveArea,
  receivedDescriptors,
} from './descriptor-passing.js';
export {
  call1,
  call2,
  call3,
  call4,
  call5,
  call6,
  type DirectArgument,
  exactCall3,
} from './direct-call.js';
export {
  draftOf,
  lockFile,
  lockHolder,
  removeAbandonedDrafts,
  removeDurably,
  syncDirectory,
  writeDurably,
} from './durable-file.js';
export { EPOLLIN, EPOLLOUT, Epoll } from './epoll.js';
export { drainEvent, EventFd, raiseEvent } from './event-fd.js';
export { type ExecStop, stopAfterExec } from './exec-stop.js';
export { AT_EMPTY_PATH, AT_FDCWD, O_CLOEXEC, O_PATH } from './fcntl-flags.js';
export { Fd, leakedFds, traceFds } from './fd.js';
export {
  dropDescriptionLocks,
  F_SETLK,
  type FileLock,
  lockStructure,
  lockWholeFile,
  parseLocks,
  takeDescriptionLock,
} from './file-locks.js';
export { IoUring, RING, type RingCall } from './io-uring.js';
export { symbolise } from './kallsyms.js';
export { compareKernelObjects, KCMP } from './kcmp.js';
export { findKernelEntry, isStillEntry, type KernelEntry, type NoEntry } from './kernel-entry.js';
export { KernelLog } from './kernel-log.js';
export { allThreadsRestored, tracesThreads } from './late-release.js';
export { leaveCgroups } from './leave-cgroups.js';
export { listNumbers } from './list-numbers.js';
export { LONG_LIVED } from './long-lived.js';
export {
  attachMount,
  cloneTree,
  detachMount,
  makePrivate,
  mountDetached,
  openOwnDescriptors,
} from './mount-api.js';
export { type Mount, parseMountinfo, readMounts } from './mountinfo.js';
export { enterMountNamespace } from './namespaces.js';
export { NewProcesses } from './new-processes.js';
export { openBelow, openInRoot, openPath, openSameFile, reopenDescriptor } from './open-file.js';
export { PAGE, PageMemory, viewMemory } from './page-memory.js';
export { pageSize } from './page-size.js';
export { openPidfd, openThreadPidfd, pullDescriptor } from './pidfd.js';
export { openPipe } from './pipe.js';
export { ProcessEnd } from './process-end.js';
export { type ProcessEvent, ProcessEvents } from './process-events.js';
export { readMemory, writeMemory } from './process-memory.js';
export { readProcessStart, readProcessState, readStat, STAT } from './process-stat.js';
export {
  listProcesses,
  type ProcessStatus,
  pidNamespaceInode,
  processTree,
  readCommandLine,
  readProcessStatus,
} from './procfs.js';
export { ReadableNow } from './readable-now.js';
export { MAX_CALLS, PAYLOAD_SIZE, RemoteScratch, ThreadContinued } from './remote-calls.js';
export { sendSignal } from './send-signal.js';
export { type StartInCgroup, startInCgroup } from './start-in-cgroup.js';
export { type FileIdentity, identifyDescriptor, identifyPath } from './statx.js';
export { StoppedProcess } from './stopped-process.js';
export {
  type MappedMemory,
  mapShared,
  type SyscallArgument,
  syscall,
  trySyscall,
  unmap,
} from './syscall.js';
export { SyscallError } from './syscall-error.js';
export { SYS, type SyscallName } from './syscall-numbers.js';
export { isKernelWorker, listThreads, threadState } from './threads.js';
export { type RepeatedCall, ThreadGone, TracedThread } from './traced-thread.js';
export { trimHeap } from './trim-heap.js';
export { isSocketBoundTo, parseUnixSockets, readUnixSockets, type UnixSocket } from './unix-sockets.js';
export { keepCpusAwake } from './wake-latency.js';
