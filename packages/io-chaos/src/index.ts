export * from './mount/index.js';
export * from './move/index.js';
