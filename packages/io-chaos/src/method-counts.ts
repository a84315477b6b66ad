import { METHOD_COUNT, METHODS, RuleCounters } from '@ordeal/fault-fs';

/** How often one method matched a rule. */
export interface MethodCount {
  /** `other` for requests that have no name in documents (ioctl, fallocate, lseek …). */
  readonly method: string;
  /** The rule matched, before the random draw. */
  readonly reached: number;
  readonly fired: number;
}

/** For each rule, in order, its counts by method. */
export type RuleCounts = readonly (readonly MethodCount[])[];

/** Reads the counters of this many rules. */
export function countByMethod(memory: SharedArrayBuffer, rules: number): RuleCounts {
  const counters = new RuleCounters(memory);
  return Array.from({ length: rules }, (_, rule) =>
    Array.from({ length: METHOD_COUNT }, (_, index) => ({
      method: METHODS[index] ?? 'other',
      ...counters.read(rule, index),
    })).filter(({ reached }) => reached > 0),
  );
}
