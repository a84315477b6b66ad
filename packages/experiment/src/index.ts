/**
 * Experiments: the documents, their defaults, validation, durations and schedules. Pure: no I/O, no clock,
 * no timers.
 */

export { documentTexts } from './document-texts.js';
export type { Experiment, ExperimentDocument, IOChaos, KernelChaos, Schedule } from './experiment.js';
export { MAX_ERRNO, parseErrno } from './io/errno.js';
export { compileGlob, type Glob, mayMatchBelow } from './io/glob.js';
export { IO_METHODS, type IoMethod } from './io/methods.js';
export { FAILTYPES, type Failtype } from './kinds/failtype.js';
export type { Frame } from './kinds/frame.js';
export { type IoAction, isByChance } from './kinds/io-action.js';
export type { AttrOverride } from './kinds/io-attr.js';
export type { IOChaosSpec } from './kinds/io-chaos.js';
export type { FailKernRequest, KernelChaosSpec } from './kinds/kernel-chaos.js';
export {
  API_VERSIONS,
  describeKind,
  KINDS,
  type Kind,
  type KindDescription,
  structuralSchema,
} from './kinds/registry.js';
export type { ScheduleSpec } from './kinds/schedule.js';
export type { LabelExpression, Selector } from './kinds/selector.js';
export { type ParsedDocuments, parseDocuments } from './parse-documents.js';
export type { Parsed, TextFault } from './parsed.js';
export { scheduledExperiment } from './scheduled-experiment.js';
export { type StructuralSchema, toStructural, type ValidationRule } from './schema/structural.js';
export type { FieldDescription, IntegerStructure, StringStructure, Structure } from './schema/structure.js';
export { chooseTargets, MODES, type Mode } from './targets/mode.js';
export { type Candidate, type SelectorMatch, selectorMatchesLabels } from './targets/selector-match.js';

export { formatDuration, parseDuration } from './time/go-duration.js';
export { nextFire } from './time/next-fire.js';
export { type CronRule, type EveryRule, parseSchedule, type ScheduleRule } from './time/schedule.js';

export { detachedText, type SourceText } from './yaml/source-text.js';
