import { chaosResources } from '../api/kinds.js';

/** The group of documents before 2020-10. It had no Schedule. */
export const OLD_GROUP = 'pingcap.com';

/** The resource of each kind of experiment in the old group. */
export const oldResources = {
  KernelChaos: { ...chaosResources.KernelChaos, group: OLD_GROUP },
  IOChaos: { ...chaosResources.IOChaos, group: OLD_GROUP },
} as const;
