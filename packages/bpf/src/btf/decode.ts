import { BpfError } from '../bpf-error.js';
import { BTF_KIND, type BtfMember, type BtfType } from './type.js';

/** The name for an offset into the string section. */
type Names = (offset: number) => string;

/**
 * Decodes one BTF record. The caller has checked that the record with all its elements is inside the view.
 *
 * Head: name offset u32, info u32 (vlen in bits 0-15, kind in 24-28, kind flag in 31), size or type u32.
 */
export function decodeRecord(view: DataView, little: boolean, at: number, names: Names): BtfType {
  const u32 = (offset: number) => view.getUint32(at + offset, little);
  const i32 = (offset: number) => view.getInt32(at + offset, little);
  const info = u32(4);
  const kind = (info >>> 24) & 0x1f;
  const flag = info >>> 31 === 1;
  const count = info & 0xffff;
  const name = names(u32(0));
  const sizeOrType = u32(8);
  const each = <T>(length: number, make: (offset: number) => T): T[] =>
    Array.from({ length: count }, (_, index) => make(12 + index * length));

  switch (kind) {
    case BTF_KIND.int: {
      const encoding = u32(12);
      return {
        kind: 'int',
        name,
        size: sizeOrType,
        signed: (encoding & 0x0100_0000) !== 0,
        bool: (encoding & 0x0400_0000) !== 0,
      };
    }
    case BTF_KIND.ptr:
      return { kind: 'ptr', target: sizeOrType };
    case BTF_KIND.array:
      return { kind: 'array', element: u32(12), count: u32(20) };
    case BTF_KIND.struct:
    case BTF_KIND.union:
      return {
        kind: kind === BTF_KIND.struct ? 'struct' : 'union',
        name,
        size: sizeOrType,
        members: each(12, (offset): BtfMember => {
          const place = u32(offset + 8);
          return {
            name: names(u32(offset)),
            type: u32(offset + 4),
            bitOffset: flag ? place & 0xff_ffff : place,
            bitSize: flag ? place >>> 24 : 0,
          };
        }),
      };
    case BTF_KIND.enum:
      return {
        kind: 'enum',
        name,
        size: sizeOrType,
        signed: flag,
        values: each(8, (offset) => ({
          name: names(u32(offset)),
          value: BigInt(flag ? i32(offset + 4) : u32(offset + 4)),
        })),
      };
    case BTF_KIND.enum64:
      return {
        kind: 'enum',
        name,
        size: sizeOrType,
        signed: flag,
        values: each(12, (offset) => {
          const value = (BigInt(u32(offset + 8)) << 32n) | BigInt(u32(offset + 4));
          return { name: names(u32(offset)), value: flag ? BigInt.asIntN(64, value) : value };
        }),
      };
    case BTF_KIND.fwd:
      return { kind: 'fwd', name, union: flag };
    case BTF_KIND.typedef:
      return { kind: 'typedef', name, target: sizeOrType };
    case BTF_KIND.volatile:
      return { kind: 'volatile', target: sizeOrType };
    case BTF_KIND.const:
      return { kind: 'const', target: sizeOrType };
    case BTF_KIND.restrict:
      return { kind: 'restrict', target: sizeOrType };
    case BTF_KIND.func:
      return { kind: 'func', name, proto: sizeOrType };
    case BTF_KIND.func_proto:
      return {
        kind: 'func_proto',
        returns: sizeOrType,
        parameters: each(8, (offset) => ({ name: names(u32(offset)), type: u32(offset + 4) })),
      };
    case BTF_KIND.var:
      return { kind: 'var', name, target: sizeOrType };
    case BTF_KIND.datasec:
      return { kind: 'datasec', name, size: sizeOrType };
    case BTF_KIND.float:
      return { kind: 'float', name, size: sizeOrType };
    case BTF_KIND.decl_tag:
      return { kind: 'decl_tag', name, target: sizeOrType };
    case BTF_KIND.type_tag:
      return { kind: 'type_tag', name, target: sizeOrType };
    default:
      throw new BpfError('ORD-402', `The BTF data is malformed: kind ${kind} is unknown`);
  }
}
