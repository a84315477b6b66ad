import { OLD_GROUP } from '../old-group/old-resources.js';
import { experimentCrd } from './experiment-crd.js';
import { injectionCrd } from './injection-crd.js';
import { remoteClusterCrd } from './remote-cluster-crd.js';
import { scheduleCrd } from './schedule-crd.js';

/** Every CustomResourceDefinition of our group. */
export function customResourceDefinitions() {
  return [
    experimentCrd('KernelChaos', ['kchaos']),
    experimentCrd('IOChaos', ['ioc']),
    scheduleCrd(),
    injectionCrd(),
    remoteClusterCrd(),
  ];
}

/** The CustomResourceDefinitions of the old group. They have no short names: those are of our group. */
export function oldGroupDefinitions() {
  return [experimentCrd('KernelChaos', [], OLD_GROUP), experimentCrd('IOChaos', [], OLD_GROUP)];
}
