import type { FaultPoint } from '../fault-point.js';
import type { KernelFacts } from '../kernel-facts.js';
import type { PredicateCode } from '../predicate-code.js';
import type { Scope } from '../scope.js';
import type { Convention } from './convention.js';

/** A frame of the call chain, resolved. */
export interface ChainFrame {
  readonly function: string;
  /** `long int __x64_sys_mount(const struct pt_regs *regs)`; undefined if BTF does not know the function. */
  readonly prototype: string | undefined;
  readonly predicate: PredicateCode | undefined;
}

/** Everything that decides what the programs of one injection look like. */
export interface Blueprint {
  readonly faultPoint: FaultPoint;
  /** Outermost first. */
  readonly frames: readonly ChainFrame[];
  /** On the fault point's own arguments. */
  readonly predicate: PredicateCode | undefined;
  readonly scopes: readonly Scope[];
  readonly convention: Convention;
  readonly facts: KernelFacts;
  /** Percent, 0 to 100. */
  readonly probability: number;
  /** Matches of each target that are skipped first. */
  readonly after: number;
  /** Then each n-th match is chosen. */
  readonly every: number;
  /** Makes `probability` a function of the seed and the number of the match; undefined = random. */
  readonly seed: number | undefined;
  /** Faults for each target; 0 = no limit. */
  readonly times: number;
  /** Fail only one match of each target, the one whose number the holder sets; what chooses among them otherwise is ignored then. */
  readonly single: boolean;
  /** Report each fault through the map `events`. */
  readonly events: boolean;
  /** Process (thread group) id of the injecting process, which is never a target. */
  readonly self: number;
}
