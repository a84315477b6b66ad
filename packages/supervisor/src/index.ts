export type { Engine, Injection, Observation } from './engine.js';
export {
  addCounts,
  type Counts,
  type InjectionState,
  NO_COUNTS,
  type Refusal,
  type Terms,
} from './engine.js';
export type { EndReason } from './journal-entry.js';
export { DetachedRuns, type RunNews, type Started } from './runs/detached-runs.js';
export type { LogEvent } from './runs/run-log.js';
export type { RecordPlace, RunSpec, RunTarget } from './runs/run-spec.js';
export type { RunEndReason, RunState, RunStatus, RunWithHistory } from './runs/run-status.js';
export type { Phase, Status } from './status.js';
export { type Applied, type StatusListener, Supervisor } from './supervisor.js';
export { requireNamed, type TargetName } from './target-name.js';
export { type AskOptions, ask } from './wire/ask.js';
export type { Requests } from './wire/protocol.js';
