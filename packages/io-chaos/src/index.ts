export type { IoFault, UnsyncedReport } from '@ordeal/fault-fs';
export type { IoFaults } from './faults.js';
export type { Claimed, CutPower } from './keeper/keeper-message.js';
export type { MethodCount, RuleCounts } from './method-counts.js';
export { IoInjection, type IoInjectionOptions, type IoRuleRequest } from './owner/io-injection.js';
export { KeeperProcess } from './owner/keeper-process.js';
export { type InjectionPlan, planInjection } from './owner/plan-injection.js';
export { type Released, releaseClaimed } from './owner/release-claimed.js';
export {
  askUnsynced,
  type CutPowerOptions,
  cutVolumePower,
  type PoweredVolume,
} from './owner/volume-power.js';
export { type Recovered, recoverInjections } from './recovery/recover-injections.js';
export type { ReportedFaults } from './server/fault-batch.js';
export { checkInjectable } from './volume/check-injectable.js';
export { checkVolume } from './volume/check-volume.js';
export { type SpecialFile, type SpecialFiles, specialFileNotes } from './volume/special-files.js';
