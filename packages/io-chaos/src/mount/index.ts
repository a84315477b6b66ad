export { Cover, type CoveredPath, type CoverRecord, removeRecordedCover } from './cover.js';
