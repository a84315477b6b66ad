import { FuseError } from '../fuse-error.js';
import { opcodeName } from './opcode.js';

/** A message ended before its layout did. */
export class ShortReadError extends FuseError {
  readonly opcode: number;
  /** The bytes that the layout needs, and the bytes that were there. */
  readonly needed: number;
  readonly length: number;

  constructor(opcode: number, needed: number, length: number) {
    super('ORD-703', `FUSE ${opcodeName(opcode)}: ${length} bytes where ${needed} are needed`);
    this.name = 'ShortReadError';
    this.opcode = opcode;
    this.needed = needed;
    this.length = length;
  }
}
