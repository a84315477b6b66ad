import type { FaultVerdict, FrameVerdict, FuseVerdict, Verdict } from '@ordeal/node';

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
  readonly frames: readonly FrameVerdict[];
  readonly io: {
    readonly fuse: FuseVerdict;
    readonly ptrace: Verdict;
    /** How many files of a volume may be open when faults are armed. */
    readonly openFiles: number;
  };
  readonly lab: { readonly qemu: Verdict; readonly kernels: readonly string[] };
}

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
