import type { Label, ProgramBuilder, Register } from '@ordeal/bpf';
import { FP, R0 } from '@ordeal/bpf';
import type { Slot, StackSlots } from './stack-slots.js';
import type { TypedNode } from './typed.js';

/** What the program around a predicate provides. */
export interface PredicateFrame {
  /**
   * Loads the hooked function's argument into a register, 64 bits as passed and a plain number to the verifier. May use
   * R0 to R5.
   */
  loadArgument(builder: ProgramBuilder, destination: Register, index: number): void;
  /** Where to go when the predicate is false; the code after the predicate is where it is true. */
  readonly falseLabel: Label;
  /** Offset from the frame pointer above which the stack belongs to the caller; a multiple of 8, -64 by default. */
  readonly stackTop?: number;
}

/** State of emitting one predicate. */
export interface EmitContext {
  readonly builder: ProgramBuilder;
  readonly falseLabel: Label;
  readonly slots: StackSlots;
  /** Values of the arguments that the predicate uses, loaded before anything else. */
  readonly arguments: Map<number, Slot>;
  readonly locals: Map<number, Slot>;
  readonly text: string;
}

/** Runs `emit` with a stack slot that is freed afterwards. */
export function withSlot(context: EmitContext, size: number, emit: (slot: Slot) => void): void {
  const slot = context.slots.take(size);
  emit(slot);
  context.slots.give(slot);
}

/** Remarks longer than this are cut: a listing has one line an instruction. */
const MAX_NOTE = 60;

/** Attaches the source of a node to the next instruction. */
export function noteSource({ builder, text }: EmitContext, node: TypedNode): void {
  const source = text.slice(node.offset, node.offset + node.length).replace(/\s+/g, ' ');
  builder.note(source.length > MAX_NOTE ? `${source.slice(0, MAX_NOTE - 1)}…` : source);
}

/** Whether the node can be loaded into any register without changing others. */
export function isLeaf(node: TypedNode): boolean {
  return node.kind === 'constant' || node.kind === 'argument' || node.kind === 'local';
}

/** Loads a leaf into a register. */
export function emitLeaf({ builder, ...context }: EmitContext, node: TypedNode, destination: Register): void {
  switch (node.kind) {
    case 'constant':
      builder.constant(destination, node.value);
      return;
    case 'argument':
      builder.load('u64', destination, FP, slotOf(context.arguments, node.index).offset);
      return;
    case 'local':
      builder.load('u64', destination, FP, slotOf(context.locals, node.local).offset);
      return;
    default:
      throw new Error(`${node.kind} is no leaf`);
  }
}

function slotOf(slots: ReadonlyMap<number, Slot>, key: number): Slot {
  const slot = slots.get(key);
  if (!slot) throw new Error('a value is used before it was stored');
  return slot;
}

/** The constant as an immediate operand, which is 32 bits sign-extended; `undefined` if it does not fit. */
export function immediateOf(node: TypedNode): number | undefined {
  if (node.kind !== 'constant') return undefined;
  const value = BigInt.asIntN(64, node.value);
  return BigInt.asIntN(32, value) === value ? Number(value) : undefined;
}

/** Spills the result register into a slot. */
export function storeResult({ builder }: EmitContext, slot: Slot): void {
  builder.store('u64', FP, slot.offset, R0);
}
