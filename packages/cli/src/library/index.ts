export { type ArmedFaults, armFaults, type FaultOptions, faults } from './faults.js';
export { FaultsError, type Problem } from './faults-error.js';
export type {
  ExperimentFaults,
  FaultCounts,
  FaultsResult,
  IoFault,
  KernelFault,
  MethodCounts,
} from './results.js';
export type { Documents } from './run-process.js';
