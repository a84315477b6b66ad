import { FP, type Label, R0, R1, R2, R3, type Width } from '@ordeal/bpf';
import { type EmitContext, emitLeaf, isLeaf, noteSource, withSlot } from './emit-context.js';
import { emitNarrow, emitTruth } from './emit-narrow.js';
import { emitValue } from './emit-value.js';
import type { Slot } from './stack-slots.js';
import type { LoadNode, MatchNode, TypedNode } from './typed.js';

const WIDTHS: Readonly<Record<number, Width>> = { 1: 'u8', 2: 'u16', 4: 'u32', 8: 'u64' };

/** Reads memory into R0; a fault makes the predicate false. */
export function emitLoad(context: EmitContext, node: TypedNode & LoadNode): void {
  const { builder, falseLabel } = context;
  const whole = node.shift === 0 && node.width === node.size * 8 ? WIDTHS[node.size] : undefined;
  emitAddress(context, node.address);
  if (node.displacement !== 0n) {
    if (BigInt.asIntN(32, node.displacement) === node.displacement) {
      builder.aluImmediate('add', R3, Number(node.displacement));
    } else builder.constant(R2, node.displacement).alu('add', R3, R2);
  }
  withSlot(context, 8, (slot) => {
    if (!whole) builder.storeImmediate('u64', FP, slot.offset, 0);
    builder.mov(R1, FP).aluImmediate('add', R1, slot.offset).constant(R2, node.size);
    noteSource(context, node);
    builder.call(node.space === 'user' ? 'probe_read_user' : 'probe_read_kernel');
    builder.jumpImmediate('ne', R0, 0, falseLabel);
    builder.load(whole ?? 'u64', R0, FP, slot.offset);
  });
  if (!whole) emitBits(context, node);
  else if (node.type.kind === 'int' && node.type.signed) emitNarrow(builder, R0, node.type);
  if (node.type.kind === 'int' && node.type.bool) emitTruth(builder, R0);
}

/** Extracts a bit-field from R0 (little-endian machines: the first bit is the lowest). */
function emitBits({ builder }: EmitContext, { shift, width, type }: TypedNode & LoadNode): void {
  const signed = type.kind === 'int' && type.signed;
  builder.aluImmediate('lsh', R0, 64 - shift - width);
  builder.aluImmediate(signed ? 'arsh' : 'rsh', R0, 64 - width);
}

/** Leaves an address in R3. */
function emitAddress(context: EmitContext, address: TypedNode): void {
  if (isLeaf(address)) {
    emitLeaf(context, address, R3);
    return;
  }
  emitValue(context, address);
  context.builder.mov(R3, R0);
}

/** Jumps to `target` if the truth of "memory equals the bytes" is `when`; a fault makes the predicate false. */
export function emitMatch(
  context: EmitContext,
  node: TypedNode & MatchNode,
  target: Label,
  when: boolean,
): void {
  const { builder, falseLabel } = context;
  const { length } = node.bytes;
  const text = node.mode === 'string';
  emitAddress(context, node.address);
  withSlot(context, text ? length + 1 : length, (slot) => {
    builder.mov(R1, FP).aluImmediate('add', R1, slot.offset);
    // The helper puts a NUL into the last byte of its buffer, so it gets one more than is compared.
    builder.constant(R2, text ? length + 1 : length);
    noteSource(context, node);
    if (text) {
      builder.call(node.space === 'user' ? 'probe_read_user_str' : 'probe_read_kernel_str');
      builder.jumpImmediate('slt', R0, 0, falseLabel);
    } else {
      builder.call(node.space === 'user' ? 'probe_read_user' : 'probe_read_kernel');
      builder.jumpImmediate('ne', R0, 0, falseLabel);
    }
    const different = builder.label('different');
    emitCompareBytes(context, node.bytes, slot, when ? different : target);
    if (when) builder.goto(target);
    builder.place(different);
  });
}

/** Jumps to `different` if the slot's first bytes differ. */
function emitCompareBytes({ builder }: EmitContext, bytes: Uint8Array, slot: Slot, different: Label): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const rest = bytes.length - at;
    const size = rest >= 8 ? 8 : rest >= 4 ? 4 : rest >= 2 ? 2 : 1;
    builder.load(WIDTHS[size] ?? 'u8', R0, FP, slot.offset + at);
    if (size === 1) builder.jumpImmediate('ne', R0, view.getUint8(at), different);
    else if (size === 2) builder.jumpImmediate('ne', R0, view.getUint16(at, true), different);
    else {
      const value = size === 8 ? view.getBigUint64(at, true) : BigInt(view.getUint32(at, true));
      builder.constant(R1, value).jump('ne', R0, R1, different);
    }
    at += size;
  }
}
