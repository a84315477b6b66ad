export { RUN_DIRECTORY } from '../failpoint.js';
export { checkVolume } from './check-volume.js';
export type { IoFaults } from './faults.js';
export { IoInjection, type IoInjectionOptions, type IoRuleRequest } from './io-injection.js';
export type { MethodCount, RuleCounts } from './method-counts.js';
export { type InjectionPlan, planInjection } from './plan-injection.js';
export { type Recovered, recoverInjections } from './recover-injections.js';
export { type SpecialFile, type SpecialFiles, specialFileNotes } from './special-files.js';
