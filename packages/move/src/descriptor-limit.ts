import { StructWriter, SYS, trySyscall } from '@ordeal/linux';

/** include/uapi/asm-generic/resource.h */
const RLIMIT_NOFILE = 7;

/**
 * Lets a stopped process open descriptors up to `number`, as far as its limits can be raised.
 *
 * @returns a function that restores the limit; to be called before the process runs again
 */
export function raiseDescriptorLimit(pid: number, number: number): () => void {
  // struct rlimit64: soft, hard
  const before = new Uint8Array(16);
  if (trySyscall(SYS.prlimit64, pid, RLIMIT_NOFILE, 0, before) < 0) return () => {};
  const [soft = 0n, hard = 0n] = new BigUint64Array(before.buffer);
  const wanted = BigInt(number);
  if (soft >= wanted) return () => {};
  const set = (newSoft: bigint, newHard: bigint) =>
    trySyscall(
      SYS.prlimit64,
      pid,
      RLIMIT_NOFILE,
      new StructWriter(16).u64(0, newSoft).u64(8, newHard).bytes,
      0,
    );
  // Only CAP_SYS_RESOURCE may raise the hard limit.
  if (hard >= wanted) set(wanted, hard);
  else if (set(wanted, wanted) < 0) set(hard, hard);
  return () => void trySyscall(SYS.prlimit64, pid, RLIMIT_NOFILE, before, 0);
}
