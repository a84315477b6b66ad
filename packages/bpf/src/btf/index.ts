export { BpfError } from '../bpf-error.js';
export { Btf } from './btf.js';
export { formatParameters, formatType } from './format.js';
export { findFunction, formatFunction, type KernelFunction, listFunctions } from './functions.js';
export {
  type FoundMember,
  findMember,
  hasMember,
  memberNames,
  offsetOf,
  resolve,
  sizeOf,
} from './layout.js';
export type {
  BtfComposite,
  BtfEnum,
  BtfFuncProto,
  BtfInt,
  BtfKindName,
  BtfMember,
  BtfType,
} from './type.js';
