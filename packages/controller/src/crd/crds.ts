import { experimentCrd } from './experiment-crd.js';
import { injectionCrd } from './injection-crd.js';
import { remoteClusterCrd } from './remote-cluster-crd.js';
import { scheduleCrd } from './schedule-crd.js';

/** Every CustomResourceDefinition of Ordeal. */
export function customResourceDefinitions() {
  return [
    experimentCrd('KernelChaos', ['kchaos']),
    experimentCrd('IOChaos', ['ioc']),
    scheduleCrd(),
    injectionCrd(),
    remoteClusterCrd(),
  ];
}
