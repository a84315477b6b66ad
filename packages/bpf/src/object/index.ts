export { BpfError } from '../bpf-error.js';
export { attachProgram } from './link.js';
export { BpfMap, type MapSpec, u32Key } from './map.js';
export { type Attachment, type LoadedProgram, loadProgram, type ProgramSpec } from './program.js';
export { type ProgramInfo, readProgramInfo } from './program-info.js';
export { RingBuffer } from './ring-buffer.js';
export { VerifierError } from './verifier-error.js';
