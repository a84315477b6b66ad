export { findTarget } from './find-target.js';
export { ioSummary } from './io-summary.js';
export { processesOfTarget } from './process-of-target.js';
export type { LiftReason, RunEvent, RunEventListener, SiteSummary } from './run-event.js';
export { runExperiments } from './run-experiments.js';
export type { RunOutcome, RunRequest, TargetChoice } from './run-request.js';
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
export type { SweepEnd, SweepEvent, SweepEventListener, SweepSubject } from './sweep/sweep-event.js';
export type { SweepRequest } from './sweep/sweep-request.js';
export type { Baseline, SweepRun } from './sweep/sweep-run.js';
export { parseState, SweepRecord, type SweepState, stateAsJson } from './sweep/sweep-state.js';
