export { Btf } from './btf/btf.js';
export { formatParameters, formatType } from './btf/format.js';
export { findFunction, formatFunction, type KernelFunction, listFunctions } from './btf/functions.js';
export {
  type FoundMember,
  findMember,
  hasMember,
  memberNames,
  offsetOf,
  resolve,
  sizeOf,
} from './btf/layout.js';
export type {
  BtfComposite,
  BtfEnum,
  BtfFuncProto,
  BtfInt,
  BtfKindName,
  BtfMember,
  BtfType,
} from './btf/type.js';
