import { LITTLE_ENDIAN, StructWriter, SYS, syscall } from '@ordeal/linux';

/** include/uapi/asm-generic/resource.h */
const RLIMIT_NOFILE = 7;

/** Raises the process's own limit of open files as far as it may be. @returns the limit. @throws SyscallError */
export function raiseDescriptorLimit(): number {
  // struct rlimit64: rlim_cur 0, rlim_max 8
  const limits = new Uint8Array(16);
  syscall('prlimit64', SYS.prlimit64, 0, RLIMIT_NOFILE, 0, limits);
  const hard = new DataView(limits.buffer).getBigUint64(8, LITTLE_ENDIAN);
  const raised = new StructWriter(16).u64(0, hard).u64(8, hard).bytes;
  syscall('prlimit64', SYS.prlimit64, 0, RLIMIT_NOFILE, raised, 0);
  return Number(hard);
}
