import type { ArmedSweep } from './armed-sweep.js';
import { planIoSweep } from './plan-io-sweep.js';
import { planKernelSweep } from './plan-kernel-sweep.js';
import { planSystemCallSweep } from './plan-system-call-sweep.js';
import type { SweepMeans, SweepSubject } from './sweep-event.js';
import type { SweepNote } from './sweep-note.js';
import type { SweepRequest } from './sweep-request.js';

/** A sweep that was checked against this host. */
export interface SweepPlan {
  readonly subject: SweepSubject;
  readonly means: SweepMeans;
  /** For the user. */
  readonly notes: readonly SweepNote[];
  /** @throws OrdealError if the kernel refuses; nothing is left behind then */
  arm(): Promise<ArmedSweep>;
}

/** Checks the request against this host and touches nothing that lasts. @throws OrdealError, ProblemsError */
export function planSweep(request: SweepRequest): SweepPlan {
  const { what } = request;
  switch (what?.kind) {
    case 'io':
      return planIoSweep(request, what);
    case 'system calls':
      return planSystemCallSweep(request, what);
    default:
      return planKernelSweep(request, what);
  }
}
