import { StructWriter, SYS, trySyscall } from '@ordeal/linux';

/** include/uapi/asm-generic/resource.h */
const RLIMIT_NOFILE = 7;

/**
 * Makes sure that a stopped process may open descriptors up to `number`.
 *
 * @returns puts the limit back; to be called before the process runs again
 */
export function raiseDescriptorLimit(pid: number, number: number): () => void {
  // struct rlimit64: soft, hard
  const before = new Uint8Array(16);
  if (trySyscall(SYS.prlimit64, pid, RLIMIT_NOFILE, 0, before) < 0) return () => {};
  const [soft = 0n, hard = 0n] = new BigUint64Array(before.buffer);
  const wanted = BigInt(number);
  if (soft >= wanted) return () => {};
  const raised = new StructWriter(16).u64(0, wanted).u64(8, hard > wanted ? hard : wanted).bytes;
  trySyscall(SYS.prlimit64, pid, RLIMIT_NOFILE, raised, 0);
  return () => void trySyscall(SYS.prlimit64, pid, RLIMIT_NOFILE, before, 0);
}
