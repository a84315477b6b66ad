import type { MovedProcess } from '@ordeal/move';
import type { ArmedFaults, KernelMeans } from '@ordeal/node';
import { ioSummary, movedWords } from './io-summary.js';
import type { EventOf } from './run.js';
import { whyNoIoFault, whyNot } from './why-not.js';

/** `slab allocations fail with ENOMEM`, `write under /data fails with EIO`. Pure. */
export function summaryWords(faults: ArmedFaults): string {
  if (faults.kind === 'io') return ioSummary(faults.spec, faults.matched);
  return `${faults.what} fail with ${faults.outcome}`;
}

/** Where they happen: the call chain, or paths. Pure. */
export function underWords(faults: ArmedFaults): readonly string[] {
  if (faults.kind === 'kernel') return faults.chain;
  return [faults.spec.path?.pattern ?? faults.spec.volumePath];
}

/** `fmod_ret on should_failslab`, `fault file system, 2 open files of 1 process moved`. Pure. */
export function mechanismWords({ faults, moved = [] }: Pick<EventOf<'armed'>, 'faults' | 'moved'>): string {
  return faults.kind === 'kernel' ? meansWords(faults.means) : `fault file system, ${movedWords(moved)}`;
}

/** The same for a target that is back. Pure. */
export function backWords({ means, moved }: { means?: KernelMeans; moved: readonly MovedProcess[] }): string {
  return means ? meansWords(means) : movedWords(moved);
}

/** Why no fault happened; undefined if one did. Pure. */
export function whyNotWords({
  faults,
  counters,
}: Pick<EventOf<'lifted'>, 'faults' | 'counters'>): string | undefined {
  if (faults.kind === 'io') return whyNoIoFault(counters, faults.spec, faults.only);
  const { innermost, probability, means } = faults;
  return whyNot(counters, { faultFunction: means.function, innermost, probability });
}

function meansWords({ mechanism, function: forced }: KernelMeans): string {
  return `${mechanism} on ${forced}`;
}
