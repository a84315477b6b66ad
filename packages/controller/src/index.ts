/** Turns experiments in a cluster into injections on its nodes, and sums up their states. */

export {
  type ChaosKind,
  type Condition,
  type ContainerRecord,
  chaosResources,
  type ExperimentObject,
  type InjectedContainer,
  type Injection,
  type InjectionSpec,
  type InjectionStatus,
  injections,
  ioChaos,
  kernelChaos,
  type ScheduleObject,
  schedules,
} from './api/kinds.js';
export { type ControllerOptions, runController } from './controller.js';
export { customResourceDefinitions, oldGroupDefinitions } from './crd/crds.js';
export { PAUSE } from './experiment/desired-phase.js';
export { AGENT_FINALIZER } from './experiment/injection-draft.js';
export type { Scope } from './select/select-pods.js';
