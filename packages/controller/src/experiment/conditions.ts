import type { Condition } from '../api/kinds.js';

/** A condition without what only its history knows. */
export type Answer = Pick<Condition, 'type' | 'reason' | 'message'> & { readonly status: boolean };

/** The conditions of an object after these answers: times change only where an answer does. */
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
