import { OrdealError } from '@ordeal/diagnostics';
import type { CheckResult } from './classify-run.js';
import { type CheckedRun, runStep } from './shell-step.js';
import type { SweepRequest } from './sweep-request.js';

/** Steps around each run, without faults. */
export interface RunSteps {
  /** @throws OrdealError ORD-310 if it fails: the runs after it would mean nothing */
  prepare(): Promise<void>;
  /** Undefined if there is no check. */
  check(run: CheckedRun): Promise<CheckResult | undefined>;
}

/** The steps that a sweep asks for. */
export function stepsOf({ prepare, check, limitMs, signal }: SweepRequest): RunSteps {
  return {
    async prepare() {
      if (prepare === undefined) return;
      const { passed, words } = await runStep('prepare', prepare, limitMs, signal);
      if (passed || signal.aborted) return;
      throw new OrdealError('ORD-310', `The step before every run failed: ${words}`);
    },
    async check(run) {
      return check === undefined ? undefined : await runStep('check', check, limitMs, signal, run);
    },
  };
}
