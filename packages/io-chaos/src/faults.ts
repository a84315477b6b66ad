import { compileGlob, type IOChaosSpec } from '@ordeal/experiment';
import { type IoRule, type OwnAction, ownRule, ruleOf } from '@ordeal/fault-fs';

/** The fields of a document that say what happens to which requests; `path` apart. */
const FIELDS = [
  'action',
  'delay',
  'jitter',
  'correlation',
  'distribution',
  'histogram',
  'stall',
  'errno',
  'unsynced',
  'attr',
  'mistake',
  'limit',
  'capacity',
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
  readonly action: IOChaosSpec['action'] | OwnAction;
  /** With an {@link OwnAction}: only requests of programs that change or sync something. */
  readonly changesOnly?: boolean;
  readonly pattern: string | undefined;
  /** The numbers of the matches that get a fault, whatever the document says. */
  readonly only?: readonly number[] | undefined;
}

/** The faults of a document. Pure. */
export function faultsOf(spec: IOChaosSpec): IoFaults {
  const fields = Object.fromEntries(FIELDS.map((field) => [field, spec[field]]));
  return { ...(fields as unknown as IOChaosSpec), pattern: spec.path?.pattern };
}

/** The rule for some faults. Pure. */
export function ruleOfFaults(faults: IoFaults): IoRule {
  const { pattern, action, changesOnly = false, only, ...rest } = faults;
  const glob = pattern === undefined ? undefined : compileGlob(pattern);
  if (glob && !glob.ok) throw new TypeError(`the pattern '${pattern}' was not validated`);
  const spec = { ...rest, path: glob?.value } as Omit<IOChaosSpec, 'action'>;
  const own = action === 'observe' || action === 'halt';
  const rule = own ? ownRule(action, changesOnly, spec) : ruleOf({ ...spec, action });
  return only ? { ...rule, trigger: { ...rule.trigger, only } } : rule;
}

/**
 * Whether locks must be requests, so that rules can match them: the server then takes them on the original files.
 * Pure.
 */
export function nameLocks(faults: readonly IoFaults[]): boolean {
  return faults.some(({ methods }) => methods.includes('setlk') || methods.includes('getlk'));
}
