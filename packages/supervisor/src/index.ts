export type { Engine, Injection, Observation } from './engine.js';
export { type Counts, type InjectionState, NO_COUNTS, type Refusal, type Terms } from './engine.js';
export type { EndReason } from './journal.js';
export type { Phase, Status } from './status.js';
export { type Applied, type StatusListener, Supervisor } from './supervisor.js';
export type { TargetName } from './target-name.js';
