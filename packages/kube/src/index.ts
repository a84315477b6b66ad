/** A client of the Kubernetes API, and a controller's building blocks. */

export { ApiError, isAlreadyExists, isConflict, isExpired, isNotFound, isRefused } from './api-error.js';
export type { BackOffLimits } from './back-off.js';
export {
  type ApplyOptions,
  type DeleteOptions,
  KubeClient,
  type ListOptions,
  type Page,
  type WatchEvent,
  type WatchOptions,
  type WriteOptions,
} from './client.js';
export { type ConnectOptions, connect, connectInCluster, connectWithText } from './connect.js';
export {
  type CustomResourceDefinition,
  customResourceDefinitions,
  namespaces,
  nodes,
  type Pod,
  pods,
  type Secret,
  secrets,
} from './core.js';
export { type EventObject, EventRecorder, events } from './event-recorder.js';
export { addFinalizer, removeFinalizers } from './finalizers.js';
export { type LeadershipOptions, leases, withLeadership } from './leader-election.js';
export { log } from './log.js';
export { type Counter, countedBy, type Labels, Metrics, type Sample } from './metrics.js';
export { metricsPortOf, type ProgramSettings, positiveInteger, runProgram } from './program.js';
export { Reflector, type ReflectorOptions } from './reflector.js';
export {
  apiVersionOf,
  type Draft,
  type KubeObject,
  type ObjectMeta,
  type ObjectRef,
  type OwnerReference,
  type Resource,
  refOf,
} from './resource.js';
export { timestamp } from './timestamp.js';
export { type Outcome, WorkQueue, type WorkQueueOptions } from './work-queue.js';
