import { type JumpCondition, type Label, R0, R1 } from '@ordeal/bpf';
import { type EmitContext, noteSource } from './emit-context.js';
import { emitMatch } from './emit-memory.js';
import { emitLet, emitOperands, emitValue } from './emit-value.js';
import type { CompareOperator } from './syntax.js';
import type { CompareNode, TypedNode } from './typed.js';

/** Jumps to `target` if the truth of the node is `when`, else falls through. */
export function emitBranch(context: EmitContext, node: TypedNode, target: Label, when: boolean): void {
  switch (node.kind) {
    case 'not':
      emitBranch(context, node.operand, target, !when);
      return;
    case 'logic':
      emitLogic(context, node, target, when);
      return;
    case 'compare':
      emitCompare(context, node, target, when);
      return;
    case 'match':
      emitMatch(context, node, target, when);
      return;
    case 'let':
      emitLet(context, node, () => emitBranch(context, node.result, target, when));
      return;
    default:
      // Also for a constant: a jump that is always taken would leave unreachable code, which the kernel rejects.
      emitValue(context, node);
      context.builder.jumpImmediate(when ? 'ne' : 'eq', R0, 0, target);
  }
}

function emitLogic(
  context: EmitContext,
  node: TypedNode & { readonly kind: 'logic' },
  target: Label,
  when: boolean,
): void {
  // The truth of the left side that decides the result: false for &&, true for ||.
  const deciding = node.operator === '||';
  if (deciding === when) {
    emitBranch(context, node.left, target, when);
    emitBranch(context, node.right, target, when);
    return;
  }
  const decided = context.builder.label('decided');
  emitBranch(context, node.left, decided, deciding);
  emitBranch(context, node.right, target, when);
  context.builder.place(decided);
}

const UNSIGNED: Record<CompareOperator, JumpCondition> = {
  '==': 'eq',
  '!=': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
};

const SIGNED: Record<CompareOperator, JumpCondition> = {
  ...UNSIGNED,
  '<': 'slt',
  '<=': 'sle',
  '>': 'sgt',
  '>=': 'sge',
};

const OPPOSITE: Record<CompareOperator, CompareOperator> = {
  '==': '!=',
  '!=': '==',
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
};

/** Values of 32-bit types are extended to 64 bits, so that the 64-bit comparison is right for them too. */
function emitCompare(
  context: EmitContext,
  node: TypedNode & CompareNode,
  target: Label,
  when: boolean,
): void {
  const { builder } = context;
  const immediate = emitOperands(context, node.left, node.right);
  const { type } = node.left;
  const conditions = type.kind === 'int' && type.signed ? SIGNED : UNSIGNED;
  const condition = conditions[when ? node.operator : OPPOSITE[node.operator]];
  noteSource(context, node);
  if (immediate === undefined) builder.jump(condition, R0, R1, target);
  else builder.jumpImmediate(condition, R0, immediate, target);
}
