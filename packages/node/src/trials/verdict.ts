import type { FuseAbility } from '@ordeal/fuse';
import type { MechanismVerdict } from '@ordeal/kernel-chaos';

/** The result of a trial: it works, it does not, or that could not be found out. */
export interface Verdict {
  readonly works: boolean | undefined;
  /** The kernel option, device or program that is missing. */
  readonly missing: string | undefined;
  /** The reason; empty if it works. */
  readonly reason: string;
}

export const WORKS: Verdict = { works: true, missing: undefined, reason: '' };

/** Whether FUSE works, and how well. */
export interface FuseVerdict extends Verdict {
  /** Undefined if it does not. */
  readonly ability: FuseAbility | undefined;
}

/** How one fault type, or system calls, can be injected here. */
export interface FaultVerdict {
  /** Undefined for system calls. */
  readonly failtype: number | undefined;
  /** `slab allocations` */
  readonly what: string;
  readonly function: string;
  readonly mechanisms: readonly (Verdict & Pick<MechanismVerdict, 'mechanism'>)[];
}

/** Whether functions of a call chain can be followed by one kind of hook. */
export interface FrameVerdict extends Verdict {
  readonly hook: 'fentry' | 'kprobe';
}
