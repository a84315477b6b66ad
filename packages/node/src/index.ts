export type { LiftReason, RunEvent, RunEventListener, SiteSummary } from './run-event.js';
export { runExperiments } from './run-experiments.js';
export type { RunOutcome, RunRequest, TargetChoice } from './run-request.js';
