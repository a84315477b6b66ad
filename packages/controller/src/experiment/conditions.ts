import type { Condition } from '../api/kinds.js';

/** A condition without its transition time. */
export type Answer = Pick<Condition, 'type' | 'reason' | 'message'> & { readonly status: boolean };

/** The new conditions of an object: a time changes only if its condition does. */
export function conditionsAfter(
  before: readonly Condition[] | undefined,
  answers: readonly Answer[],
  generation: number | undefined,
  timestamp: string,
): Condition[] {
  return answers.map(({ type, status: holds, reason, message }) => {
    const status = holds ? 'True' : 'False';
    const old = before?.find((condition) => condition.type === type);
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime : timestamp;
    return {
      type,
      status,
      reason,
      ...(message === undefined ? {} : { message }),
      lastTransitionTime,
      ...(generation === undefined ? {} : { observedGeneration: generation }),
    };
  });
}
