import { UnsupportedError } from '@ordeal/diagnostics';
import { cgroup2Root } from '@ordeal/linux';
import { CommandCgroup } from '../command-cgroup.js';

/** The cgroup of all runs of a sweep. @throws OrdealError ORD-304, ORD-503 */
export function sweepCgroup(): CommandCgroup {
  const root = cgroup2Root();
  if (root !== undefined) return CommandCgroup.create(root);
  throw new UnsupportedError(
    'ORD-304',
    'cgroup v2',
    'This host has no cgroup v2 hierarchy, which a sweep needs',
    { hint: 'Sweep in the lab: ordeal lab sweep -- CMD.' },
  );
}
