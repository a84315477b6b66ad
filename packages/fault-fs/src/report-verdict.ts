import type { Request } from '@ordeal/fuse';
import { reportFault } from './report-fault.js';
import { faultOf, type Verdict } from './rules/rule-set.js';
import type { Volume } from './volume.js';

export function reportDelays(volume: Volume | undefined, { fired }: Verdict, request: Request): void {
  if (!volume) return;
  for (const each of fired) {
    if (each.wait > 0) reportFault(each, volume, request, { delay: each.wait });
  }
}

export function reportObserved(volume: Volume | undefined, { fired }: Verdict, request: Request): void {
  if (!volume) return;
  for (const each of fired) {
    const { action } = each.rule;
    if (action === 'observe' || action === 'halt') reportFault(each, volume, request, {});
  }
}

/** @param errno which the request gets */
export function reportError(
  volume: Volume | undefined,
  { fired }: Verdict,
  request: Request,
  errno: number,
): void {
  const fault = faultOf(fired);
  if (fault && volume) reportFault(fault, volume, request, { errno });
}
