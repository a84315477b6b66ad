export { armKernelFaults, type KernelExperimentSpec } from './arm-kernel-faults.js';
export type { ArmedFaults, KernelFaults, KernelMeans, VolumeFaults } from './armed-faults.js';
export { type CheckedExperiment, checkExperiments, volumeOf } from './check-experiments.js';
export { drawSeed, lacksSeed, requestLacksSeed } from './drawn-seed.js';
export { type FaultBins, FaultHistory } from './fault-history.js';
export { fileMatches } from './file-matches.js';
export { findTarget } from './find-target.js';
export type { IoExperimentSpec } from './io-experiment.js';
export { ioFaultListener } from './io-fault-events.js';
export { armedEvent, liftedEvent, methodSums, undoLogOf } from './io-run-events.js';
export { endsFaults, KernelWatch, type LogFinding } from './kernel-watch.js';
export { findPodContainer, nameContainer, type PodContainer } from './pod-container.js';
export { processesOfTarget, type SeeingProcess } from './process-of-target.js';
export { parseRecord, type ReadRecord, type RecordedFault, type Recording } from './record/read-record.js';
export { RecordFile } from './record/record-file.js';
export { RECORD_FORMAT, type RecordedFlags, type RecordHeader } from './record/record-header.js';
export { ReplayComparison, type ReplayResult } from './record/replay-comparison.js';
export { ResumedRecord } from './record/resumed-record.js';
export type {
  EndedProcesses,
  LiftReason,
  RunEvent,
  RunEventListener,
  SiteSummary,
  UndoLogSize,
} from './run-event.js';
export { runExperiments } from './run-experiments.js';
export type { RunNote } from './run-note.js';
export type { RunOutcome, RunRequest, TargetChoice } from './run-request.js';
export { RUN_EXIT } from './run-tally.js';
export { ScheduleRunner } from './schedule-runner.js';
export { selectContainers } from './selected-containers.js';
export { summariseSites } from './stack-summary.js';
export { stateAsJunit } from './sweep/junit.js';
export { FAILURES, isFailure, OUTCOMES, type Outcome } from './sweep/outcome.js';
export type { RunExit } from './sweep/run-exit.js';
export { exitWords } from './sweep/run-exit.js';
export {
  firstFailures,
  groupSites,
  type SweepSummary,
  type SweptSite,
  summarise,
} from './sweep/summarise.js';
export { sweepCommand } from './sweep/sweep-command.js';
export type {
  SweepEnd,
  SweepEvent,
  SweepEventListener,
  SweepMeans,
  SweepSubject,
} from './sweep/sweep-event.js';
export type { SweepNote } from './sweep/sweep-note.js';
export type { SweepRequest } from './sweep/sweep-request.js';
export type { Baseline, SweepRun } from './sweep/sweep-run.js';
export { parseState, SweepRecord, type SweepState, stateAsJson } from './sweep/sweep-state.js';
export { parseSweptCalls } from './sweep/swept-calls.js';
export { isThere, type Target, withoutCgroup2 } from './target.js';
export { tryFuse, tryPtrace } from './trials/io-trials.js';
export { tryFaults, tryFrames } from './trials/kernel-trials.js';
export {
  type FaultVerdict,
  type FrameVerdict,
  type FuseVerdict,
  type Verdict,
  WORKS,
} from './trials/verdict.js';
export { type VolumeReach, volumeReach } from './volume-reach.js';
