export * from './asm/index.js';
export * from './btf/index.js';
export * from './object/index.js';
