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

/** What this kernel and host can do; `ordeal doctor --json` prints it unchanged. */
export interface DoctorReport {
  readonly kernel: string;
  readonly distribution: string | undefined;
  readonly architecture: string;
  readonly cgroups: string;
  /** Why nothing about the kernel is known: no BTF, another architecture. */
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

/** Whether each fault type can be injected here in some way. */
export function canInject({ faults }: DoctorReport): boolean {
  return faults.length > 0 && faults.every(works);
}

/** Whether system calls can be made to fail here, whatever else can. */
export function canFailSystemCalls({ faults }: DoctorReport): boolean {
  return faults.some((fault) => fault.failtype === undefined && works(fault));
}

function works({ mechanisms }: FaultVerdict): boolean {
  return mechanisms.some((each) => each.works === true);
}
