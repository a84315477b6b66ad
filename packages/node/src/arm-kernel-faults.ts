import { OrdealError } from '@ordeal/diagnostics';
import {
  blueprintOf,
  KernelInjection,
  type Mechanism,
  type Plan,
  type Scope,
  tryMechanism,
} from '@ordeal/kernel-chaos';

/** A KernelChaos that was checked and can be armed. */
export interface KernelExperimentSpec {
  readonly kind: 'kernel';
  readonly name: string;
  readonly plan: Plan;
  readonly mechanism: Mechanism;
  /** Whether the user chose the mechanism; otherwise kprobes are tried if a function takes no trampoline. */
  readonly forced: boolean;
  /** Whether each fault is reported. */
  readonly faults: boolean;
  /** Nanoseconds; undefined = until it is lifted. */
  readonly duration: bigint | undefined;
}

/**
 * Arms a plan; functions with variable or too many arguments take no trampoline, but a kprobe.
 *
 * @throws OrdealError if the kernel refuses; nothing is left behind then
 */
export function armKernelFaults(
  { plan, mechanism, forced, faults, duration }: KernelExperimentSpec,
  scopes: readonly Scope[],
): KernelInjection {
  try {
    return KernelInjection.arm(blueprintOf(plan, scopes, mechanism, { events: faults }), duration);
  } catch (error) {
    const unhookable = error instanceof OrdealError && error.code === 'ORD-406';
    if (!unhookable || forced || mechanism === 'kprobe') throw error;
    if (!tryMechanism('kprobe', plan.faultPoint, plan.facts).usable) throw error;
    return KernelInjection.arm(blueprintOf(plan, scopes, 'kprobe', { events: faults }), duration);
  }
}
