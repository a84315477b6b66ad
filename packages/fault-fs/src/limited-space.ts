import type { Handling, Reply, Request } from '@ordeal/fuse';
import { LITTLE_ENDIAN } from '@ordeal/linux';
import type { Growth } from './growth.js';
import { reportFault } from './report-fault.js';
import { methodOf } from './rules/method.js';
import type { RuleSet, Selection } from './rules/rule-set.js';
import type { Volume } from './volume.js';

/** What says how much space there is: rules with `capacity`, and the files that they are for. */
export interface LimitedSpace {
  readonly volume: Volume;
  readonly rules: RuleSet;
  readonly selection: Selection;
}

/** Carries a request out if there is space for it. @param carryOut the result must be there when it returns */
export function carryOutWithin(
  { volume, rules, selection }: LimitedSpace,
  bytes: Growth['bytes'],
  request: Request,
  carryOut: () => Handling,
): Handling {
  const full = bytes > 0 ? rules.takeSpace(selection, methodOf(request.opcode), bytes) : undefined;
  if (full) {
    const { errno } = full.rule.capacity;
    if (full.group.log)
      reportFault({ ...full, match: full.trigger.matches, wait: 0 }, volume, request, { errno });
    return -errno;
  }
  const handling = carryOut();
  // What was taken for nothing comes back, and so does what has become free.
  const freed = Math.max(0, handling < 0 ? bytes : -bytes);
  for (const { space } of rules.capacities(selection)) space?.take(-freed);
  return handling;
}

/** Writes what is left into the answer to STATFS. struct fuse_kstatfs: bfree 8, bavail 16, frsize 48. */
export function showSpace({ rules, selection }: Omit<LimitedSpace, 'volume'>, { view }: Reply): void {
  for (const { space } of rules.capacities(selection)) {
    const left = Math.floor((space?.left ?? 0) / view.getUint32(48, LITTLE_ENDIAN));
    const free = BigInt(Math.max(0, left));
    for (const at of [8, 16]) {
      const real = view.getBigUint64(at, LITTLE_ENDIAN);
      if (free < real) view.setBigUint64(at, free, LITTLE_ENDIAN);
    }
  }
}
