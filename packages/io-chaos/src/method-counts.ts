import { METHOD_COUNT, METHODS, type RuleCounters } from '@ordeal/fault-fs';

/** How often one method matched a rule. */
export interface MethodCount {
  /** `other` for requests that have no name in documents (ioctl, fallocate, lseek …). */
  readonly method: string;
  /** The rule matched, before the random draw. */
  readonly reached: number;
  readonly fired: number;
  /** Milliseconds that the slowest request waited, of those that were answered within the last second or two; undefined if none was delayed. */
  readonly slowestMs?: number;
}

/** For each rule, in order, its counts by method. */
export type RuleCounts = readonly (readonly MethodCount[])[];

export function countByMethod(counters: RuleCounters): RuleCounts {
  return Array.from({ length: counters.rules }, (_, rule) =>
    Array.from({ length: METHOD_COUNT }, (_, index) => {
      const slowestMs = counters.slowest(rule, index);
      const method = METHODS[index] ?? 'other';
      return { method, ...counters.read(rule, index), ...(slowestMs > 0 && { slowestMs }) };
    }).filter(({ reached }) => reached > 0),
  );
}
