export type { HeldLocks } from './description-state.js';
export { Move, type MoveOptions } from './move.js';
export type { MovedProcess, MovePlan, MoveReport, PlannedProcess } from './report.js';
export { type SameFilesOptions, sameFilesBelow } from './same-files.js';
export { processesSeeing } from './selection.js';
export type { LeftBehind, OpenOnNewSide, OpenRequest } from './sides.js';
