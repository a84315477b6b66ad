export type { Bins } from './chart.js';
export { renderReport } from './report/render-report.js';
export type {
  FaultTimeline,
  Outcome,
  Report,
  ReportedExperiment,
  Row,
  StoryEntry,
  Table,
} from './report/report.js';
