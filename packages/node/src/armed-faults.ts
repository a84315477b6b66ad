import type { IOChaosSpec } from '@ordeal/experiment';
import type { Mechanism, Plan } from '@ordeal/kernel-chaos';

/** What an experiment injects. */
export type ArmedFaults = KernelFaults | VolumeFaults;

export interface KernelFaults {
  readonly kind: 'kernel';
  /** What fails, and what its callers get: `slab allocations`, `ENOMEM`. */
  readonly what: string;
  readonly outcome: string;
  /** The call chain with real prototypes, outermost first. */
  readonly chain: readonly string[];
  /** The name of its innermost function; undefined if there is no chain. */
  readonly innermost: string | undefined;
  readonly probability: number;
  readonly means: KernelMeans;
}

/** How the kernel is made to fail. */
export interface KernelMeans {
  readonly mechanism: Mechanism;
  /** The function whose result is forced: `should_failslab`. */
  readonly function: string;
}

export interface VolumeFaults {
  readonly kind: 'io';
  readonly spec: IOChaosSpec;
  /** Whether a file matched the document's pattern when it was armed; undefined if that is not known. */
  readonly matched: boolean | undefined;
  /** In a replay: the numbers of the matches that get a fault. */
  readonly only: readonly number[] | undefined;
}

/** Of a plan. Pure. */
export function kernelFaults({ faultPoint, frames, probability }: Plan, mechanism: Mechanism): KernelFaults {
  const { what, outcome } = faultPoint;
  return {
    kind: 'kernel',
    what,
    outcome,
    chain: frames.map((frame) => frame.prototype ?? frame.function),
    innermost: frames.at(-1)?.function,
    probability,
    means: { mechanism, function: faultPoint.function },
  };
}
