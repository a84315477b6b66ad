import { FP, R0, R1 } from '@ordeal/bpf';
import { emitArithmetic } from './emit-arithmetic.js';
import { emitBranch } from './emit-branch.js';
import { type EmitContext, emitLeaf, immediateOf, isLeaf, storeResult, withSlot } from './emit-context.js';
import { emitLoad } from './emit-memory.js';
import { emitNarrow, emitTruth } from './emit-narrow.js';
import type { TypedNode } from './typed.js';

/** Leaves the value of the node in R0, in its type's range. R1 to R5 are lost. */
export function emitValue(context: EmitContext, node: TypedNode): void {
  const { builder } = context;
  switch (node.kind) {
    case 'constant':
    case 'argument':
    case 'local':
      emitLeaf(context, node, R0);
      return;
    case 'load':
      emitLoad(context, node);
      return;
    case 'convert':
      emitValue(context, node.operand);
      if (node.type.kind === 'int' && node.type.bool) emitTruth(builder, R0);
      else emitNarrow(builder, R0, node.type);
      return;
    case 'unary':
      emitValue(context, node.operand);
      if (node.operator === '-') builder.aluImmediate('neg', R0, 0);
      else builder.aluImmediate('xor', R0, -1);
      emitNarrow(builder, R0, node.type);
      return;
    case 'arithmetic':
      emitArithmetic(context, node);
      return;
    case 'choice':
      emitChoice(context, node);
      return;
    case 'let':
      emitLet(context, node, () => emitValue(context, node.result));
      return;
    case 'not':
    case 'compare':
    case 'logic':
    case 'match':
      emitTruthValue(context, node);
      return;
  }
}

/** Leaves the left operand in R0 and the right one in R1, or returns the right one as an immediate. */
export function emitOperands(context: EmitContext, left: TypedNode, right: TypedNode): number | undefined {
  const { builder } = context;
  const immediate = immediateOf(right);
  if (immediate !== undefined) {
    emitValue(context, left);
    return immediate;
  }
  if (isLeaf(right)) {
    emitValue(context, left);
    emitLeaf(context, right, R1);
  } else if (isLeaf(left)) {
    emitValue(context, right);
    builder.mov(R1, R0);
    emitLeaf(context, left, R0);
  } else {
    withSlot(context, 8, (slot) => {
      emitValue(context, left);
      storeResult(context, slot);
      emitValue(context, right);
      builder.mov(R1, R0).load('u64', R0, FP, slot.offset);
    });
  }
  return undefined;
}

/** A condition as the number 0 or 1. */
function emitTruthValue(context: EmitContext, node: TypedNode): void {
  const { builder } = context;
  const no = builder.label('no');
  const end = builder.label('end');
  emitBranch(context, node, no, false);
  builder.constant(R0, 1).goto(end).place(no).constant(R0, 0).place(end);
}

function emitChoice(context: EmitContext, node: TypedNode & { readonly kind: 'choice' }): void {
  const { builder } = context;
  const otherwise = builder.label('otherwise');
  const end = builder.label('end');
  emitBranch(context, node.condition, otherwise, false);
  emitValue(context, node.whenTrue);
  builder.goto(end).place(otherwise);
  emitValue(context, node.whenFalse);
  builder.place(end);
}

/** Stores the locals, emits what uses them, and frees their slots. */
export function emitLet(
  context: EmitContext,
  node: TypedNode & { readonly kind: 'let' },
  emitResult: () => void,
): void {
  for (const binding of node.bindings) {
    emitValue(context, binding.value);
    const slot = context.slots.take();
    storeResult(context, slot);
    context.locals.set(binding.local, slot);
  }
  emitResult();
  for (const { local } of node.bindings) {
    const slot = context.locals.get(local);
    if (slot) context.slots.give(slot);
  }
}
