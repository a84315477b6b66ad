import { readFileSync } from 'node:fs';
import { LITTLE_ENDIAN, StructWriter, SYS, syscall, trySyscall } from '@ordeal/linux';

/** include/uapi/asm-generic/resource.h */
const RLIMIT_NOFILE = 7;

/** Descriptors that a server or mover needs besides those for the files of a volume, and some to spare. */
const OWN = 96;

/** How many descriptors are left for the files of a volume. @param limit of {@link raiseDescriptorLimit} */
export function descriptorsForFiles(limit: number): number {
  return Math.max(0, limit - OWN);
}

/**
 * How many files of a volume may be open when faults are armed, and while they last: whoever moves them, there or back,
 * holds each twice.
 *
 * @param limit of {@link raiseDescriptorLimit}
 */
export function movableFiles(limit: number): number {
  return Math.floor(descriptorsForFiles(limit) / 2);
}

/**
 * Sets how many descriptors this process may have open: as many as the kernel allows any process where this one has
 * CAP_SYS_RESOURCE, else as many as its hard limit allows.
 *
 * @param wanted where fewer will do
 * @returns the limit
 * @throws SyscallError
 */
export function raiseDescriptorLimit(wanted: number = mostDescriptors()): number {
  // struct rlimit64: rlim_cur 0, rlim_max 8
  const limits = new Uint8Array(16);
  syscall('prlimit64', SYS.prlimit64, 0, RLIMIT_NOFILE, 0, limits);
  const hard = Number(new DataView(limits.buffer).getBigUint64(8, LITTLE_ENDIAN));
  const rlimit = (soft: number, most: number) =>
    new StructWriter(16).u64(0, BigInt(soft)).u64(8, BigInt(most)).bytes;
  if (wanted > hard && trySyscall(SYS.prlimit64, 0, RLIMIT_NOFILE, rlimit(wanted, wanted), 0) >= 0)
    return wanted;
  const limit = Math.min(wanted, hard);
  syscall('prlimit64', SYS.prlimit64, 0, RLIMIT_NOFILE, rlimit(limit, hard), 0);
  return limit;
}

/** The upper bound of every limit. */
function mostDescriptors(): number {
  return Number(readFileSync('/proc/sys/fs/nr_open', 'latin1'));
}
