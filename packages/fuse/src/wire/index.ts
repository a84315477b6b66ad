export { FuseError } from '../fuse-error.js';
export * from './attr.js';
export * from './bodies.js';
export * from './flags.js';
export * from './init.js';
export * from './opcode.js';
export * from './reply.js';
export * from './request.js';
export { ShortReadError } from './short-read-error.js';
