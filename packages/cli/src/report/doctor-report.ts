import type { FuseAbility } from '@ordeal/fuse';
import type { MechanismVerdict } from '@ordeal/kernel-chaos';

/** Something that was tried: it works, it does not, or that could not be found out. */
export interface Verdict {
  readonly works: boolean | undefined;
  /** The kernel option, device or program that is missing. */
  readonly missing: string | undefined;
  /** Why not, in words; empty where it works. */
  readonly reason: string;
}

/** Whether FUSE works, and how well. */
export interface FuseVerdict extends Verdict {
  /** Undefined where it does not. */
  readonly ability: FuseAbility | undefined;
}

/** How one fault type can be made to happen here. */
export interface FaultVerdict {
  readonly failtype: number;
  /** `slab allocations` */
  readonly what: string;
  readonly function: string;
  readonly mechanisms: readonly (Verdict & Pick<MechanismVerdict, 'mechanism'>)[];
}

/** What this kernel and host can do; `ordeal doctor --json` prints it as it is. */
export interface DoctorReport {
  readonly kernel: string;
  readonly distribution: string | undefined;
  readonly architecture: string;
  readonly cgroups: string;
  /** Why the kernel cannot be asked at all: no BTF, another architecture. */
  readonly blocked: string | undefined;
  readonly faults: readonly FaultVerdict[];
  /** Whether functions of a call chain can be hooked. */
  readonly frames: readonly (Verdict & { readonly hook: 'fentry' | 'kprobe' })[];
  readonly io: {
    readonly fuse: FuseVerdict;
    readonly ptrace: Verdict;
    /** How many files of a volume may be open when faults are armed. */
    readonly openFiles: number;
  };
  readonly lab: { readonly qemu: Verdict; readonly kernels: readonly string[] };
}

export const WORKS: Verdict = { works: true, missing: undefined, reason: '' };

/** Whether each of the fault types can be made here in some way. */
export function canInject({ faults }: DoctorReport): boolean {
  return (
    faults.length > 0 && faults.every(({ mechanisms }) => mechanisms.some(({ works }) => works === true))
  );
}
