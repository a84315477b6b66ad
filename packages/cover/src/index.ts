export {
  Cover,
  type CoveredPath,
  type CoverOptions,
  type CoverRecord,
  openCoveredPath,
  removeRecordedCover,
} from './cover.js';
export { Visitor } from './visit.js';
