export * from './fs/index.js';
export * from './inject/index.js';
export * from './mount/index.js';
export * from './move/index.js';
