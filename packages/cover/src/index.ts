export { Cover, type CoveredPath, type CoverRecord, openCoveredPath, removeRecordedCover } from './cover.js';
