export type { Bins } from './chart-path.js';
export { renderReport } from './report/render-report.js';
export { renderSweepReport } from './report/render-sweep-report.js';
export type {
  FaultTimeline,
  Outcome,
  Report,
  ReportedExperiment,
  Row,
  StoryEntry,
  Table,
} from './report/report.js';
export type { FailedSite, ReportedSite, SweepReport } from './report/sweep-report.js';
export type { Host, Starting } from './server/host.js';
export { UiServer } from './server/ui-server.js';
export type { Change, Check, ShownRun, Template, Wanted } from './shown-run.js';
