import { ProblemsError } from '@ordeal/diagnostics';
import type { FailKernRequest } from '@ordeal/experiment';
import { chooseMechanism, type Plan, planRequest, readKernelFacts } from '@ordeal/kernel-chaos';
import { spareLabFiles } from '../spare-lab-files.js';
import { ArmedKernelSweep } from './armed-kernel-sweep.js';
import { ignoredFields } from './ignored-fields.js';
import type { SweepPlan } from './plan-sweep.js';
import type { SweepNote } from './sweep-note.js';
import { EVERY_SLAB_ALLOCATION, type KernelSweep, type SweepRequest } from './sweep-request.js';

/**
 * Checks the request against this kernel and touches nothing that lasts.
 *
 * @throws ProblemsError for functions that this kernel does not have, all at once
 * @throws UnsupportedError if this kernel cannot inject
 */
export function planKernelSweep(sweep: SweepRequest, what: KernelSweep | undefined): SweepPlan {
  const facts = readKernelFacts();
  const given = what?.request ?? EVERY_SLAB_ALLOCATION;
  // The sweep decides which match fails.
  const chosen = { probability: 100, after: undefined, every: undefined, seed: undefined, times: 0 };
  const request: FailKernRequest = { ...given, ...chosen };
  const file = what?.file ?? '';
  const planOf = (wanted: FailKernRequest): Plan => {
    const { plan, problems } = planRequest(wanted, file, facts);
    if (!plan) throw new ProblemsError(problems);
    return plan;
  };
  // As written: problems must point into the document.
  const written = planOf(request);
  const plan = sweep.inLab ? planOf(spareLabFiles(request)) : written;
  const { command, stdin, prepare, check, sameOutput } = sweep;
  const mechanism = chooseMechanism(plan.faultPoint, facts, sweep.mechanism);
  return {
    means: { kind: 'kernel', mechanism, function: plan.faultPoint.function },
    arm: async () => new ArmedKernelSweep(sweep, [{ plan }], mechanism),
    subject: {
      command,
      what: plan.faultPoint.what,
      request: requestText(request),
      under: plan.frames.map((frame) => frame.prototype ?? frame.function),
      kernel: facts.release,
      stdin,
      prepare,
      check,
      sameOutput,
    },
    notes: notesOn(given),
  };
}

/** The identity of a request to a sweep. */
function requestText({ failtype, function: name, errno, callchain }: FailKernRequest): string {
  const chain = callchain.map(({ funcname, parameters, predicate }) => ({ funcname, parameters, predicate }));
  return JSON.stringify({ failtype, function: name, errno, callchain: chain });
}

function notesOn({ probability, after, every, times, seed }: FailKernRequest): SweepNote[] {
  return ignoredFields({
    probability: probability === 100 ? undefined : probability,
    after,
    every,
    times: times === 0 ? undefined : times,
    seed,
  });
}
