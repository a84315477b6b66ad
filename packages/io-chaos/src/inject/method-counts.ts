import { METHOD_COUNT, METHODS } from '../fs/rules/method.js';
import { RuleCounters } from '../fs/rules/rule-counters.js';

/** How often one method met the rule. */
export interface MethodCount {
  /** `other` for requests that have no name in documents (ioctl, fallocate, lseek …). */
  readonly method: string;
  /** The rule matched and the dice were rolled. */
  readonly reached: number;
  readonly fired: number;
}

/** The methods that met the only rule of `memory`. */
export function countByMethod(memory: SharedArrayBuffer): MethodCount[] {
  const counters = new RuleCounters(memory);
  return Array.from({ length: METHOD_COUNT }, (_, index) => ({
    method: METHODS[index] ?? 'other',
    ...counters.read(0, index),
  })).filter(({ reached }) => reached > 0);
}
