import { compileGlob, type IOChaosSpec } from '@ordeal/experiment';
import type { IoRule } from '@ordeal/fault-fs';
import { observingRule, ruleOf } from '@ordeal/fault-fs';

/** The fields of a document that say what happens to which requests; `path` apart. */
const FIELDS = [
  'action',
  'delay',
  'errno',
  'unsynced',
  'attr',
  'mistake',
  'powerLoss',
  'methods',
  'percent',
  'after',
  'every',
  'times',
  'seed',
] as const satisfies readonly (keyof IOChaosSpec)[];

/** What an IOChaos does to requests, serialisable: the pattern is its text. */
export interface IoFaults extends Omit<Pick<IOChaosSpec, (typeof FIELDS)[number]>, 'action'> {
  /** `observe` does nothing: the owner is told of each request. */
  readonly action: IOChaosSpec['action'] | 'observe';
  readonly pattern: string | undefined;
}

/** The faults of a document. Pure. */
export function faultsOf(spec: IOChaosSpec): IoFaults {
  const fields = Object.fromEntries(FIELDS.map((field) => [field, spec[field]]));
  return { ...(fields as unknown as IOChaosSpec), pattern: spec.path?.pattern };
}

/** The rule for some faults. Pure. */
export function ruleOfFaults(faults: IoFaults): IoRule {
  const { pattern, action, ...rest } = faults;
  const glob = pattern === undefined ? undefined : compileGlob(pattern);
  if (glob && !glob.ok) throw new TypeError(`the pattern '${pattern}' was not validated`);
  const spec = { ...rest, path: glob?.value } as Omit<IOChaosSpec, 'action'>;
  return action === 'observe' ? observingRule(spec) : ruleOf({ ...spec, action });
}

/**
 * Whether locks must be requests, so that rules can match them: the server then takes them on the original files.
 * Pure.
 */
export function nameLocks(faults: readonly IoFaults[]): boolean {
  return faults.some(({ methods }) => methods.includes('setlk') || methods.includes('getlk'));
}
