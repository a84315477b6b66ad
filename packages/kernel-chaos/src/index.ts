export type { Blueprint, ChainFrame } from './assemble/blueprint.js';
export type { Mechanism } from './assemble/convention.js';
export { assemblePrograms } from './assemble/programs.js';
export { COUNTER_NAMES, type CounterName, type Counters, sumCounters } from './counters.js';
export type { FaultEvent } from './fault-event.js';
export {
  FAULT_POINTS,
  type FaultPoint,
  faultWords,
  systemCallFaultPoint,
} from './fault-point.js';
export { nearestFunctions } from './frame-planner.js';
export { formatTarget, type InjectableFunction, injectableFunctions } from './injectable-function.js';
export { KernelInjection, LEASE, type ProgramCost } from './injection.js';
export { type ErrorType, type InjectionList, readInjectionList } from './injection-list.js';
export { factsFromFile, type KernelFacts, readKernelFacts } from './kernel-facts.js';
export { chooseMechanism, MECHANISMS, type MechanismVerdict, tryMechanism } from './mechanism.js';
export {
  type BlueprintOptions,
  blueprintOf,
  checkFrames,
  type Plan,
  type Planned,
  planRequest,
} from './plan.js';
export type { Scope } from './scope.js';
export type { Site } from './sites.js';
