import { OrdealError } from '@ordeal/diagnostics';
import type { FailKernRequest } from '@ordeal/experiment';
import {
  chooseMechanism,
  type KernelFacts,
  type Plan,
  planRequest,
  readKernelFacts,
} from '@ordeal/kernel-chaos';
import { errnoName } from '@ordeal/linux';
import { ArmedKernelSweep, type SweptPlan } from './armed-kernel-sweep.js';
import type { SweepPlan } from './plan-sweep.js';
import { EVERY_SLAB_ALLOCATION, type SweepRequest, type SystemCallSweep } from './sweep-request.js';
import { type SweptCall, TYPICAL_CALLS } from './swept-calls.js';

/**
 * Checks that this kernel has the calls and can make them fail, and touches nothing that lasts. Of the calls that are
 * swept if none is named, those that it does not have are left out.
 *
 * @throws OrdealError ORD-201 for a call that this kernel does not have
 * @throws UnsupportedError if this kernel cannot inject
 */
export function planSystemCallSweep(sweep: SweepRequest, { calls }: SystemCallSweep): SweepPlan {
  const facts = readKernelFacts();
  const plans = (calls ?? TYPICAL_CALLS).flatMap((call): SweptPlan[] => {
    const plan = planOf(call, facts, calls === undefined);
    return plan ? [{ plan, site: call.name }] : [];
  });
  const [first] = plans;
  if (!first) throw new OrdealError('ORD-201', 'This kernel has none of the system calls of a sweep');
  const mechanism = chooseMechanism(first.plan.faultPoint, facts, sweep.mechanism);
  const { command, stdin, prepare, check, sameOutput } = sweep;
  const errors = plans.map(({ plan, site }) => [site, plan.faultPoint.outcome]);
  return {
    means: { kind: 'system calls', mechanism, calls: plans.length },
    arm: async () => new ArmedKernelSweep(sweep, plans, mechanism),
    subject: {
      command,
      what: 'system calls',
      request: JSON.stringify({ systemCalls: Object.fromEntries(errors) }),
      under: [],
      kernel: facts.release,
      stdin,
      prepare,
      check,
      sameOutput,
    },
    notes: [],
  };
}

/** @param optional whether a call that the kernel does not have is no error */
function planOf({ name, errno }: SweptCall, facts: KernelFacts, optional: boolean): Plan | undefined {
  const request: FailKernRequest = { ...EVERY_SLAB_ALLOCATION, failtype: undefined, function: name, errno };
  const { plan, problems } = planRequest(request, '--syscalls', facts);
  const [problem] = problems;
  if (plan || optional || !problem) return plan;
  const { code, message, hint } = problem;
  const what = `--syscalls: ${name}=${errnoName(errno)}: ${message.replace(/^\w+: /, '')}`;
  throw new OrdealError(code, what, hint === undefined ? {} : { hint });
}
