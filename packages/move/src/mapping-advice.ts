import { SYS, type TableCall } from '@ordeal/linux';

// include/uapi/asm-generic/mman-common.h; names of VmFlags: Documentation/filesystems/proc.rst
const ADVICE: Readonly<Record<string, number>> = {
  rr: 1, // MADV_RANDOM
  sr: 2, // MADV_SEQUENTIAL
  dc: 10, // MADV_DONTFORK
  hg: 14, // MADV_HUGEPAGE
  nh: 15, // MADV_NOHUGEPAGE
  dd: 16, // MADV_DONTDUMP
};
const MLOCK_ONFAULT = 1;

/** The calls that give new memory the advice and locks of the old, as far as `/proc/PID/smaps` shows them. */
export function adviceCalls(flags: ReadonlySet<string>, address: bigint, length: number): TableCall[] {
  const calls = Object.entries(ADVICE)
    .filter(([name]) => flags.has(name))
    .map(([, advice]): TableCall => ({ number: SYS.madvise, args: [address, length, advice] }));
  if (flags.has('lo')) {
    calls.push({ number: SYS.mlock2, args: [address, length, flags.has('lf') ? MLOCK_ONFAULT : 0] });
  }
  return calls;
}
