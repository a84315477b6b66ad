import { type AluOperation, R0, R1, R2, type Register } from '@ordeal/bpf';
import { shiftMask } from './arithmetic.js';
import type { ScalarType } from './ctype.js';
import { type EmitContext, noteSource } from './emit-context.js';
import { emitNarrow } from './emit-narrow.js';
import { emitOperands } from './emit-value.js';
import type { ArithmeticNode, TypedNode } from './typed.js';

/** Operations whose result may exceed the type's range; the others keep their operands' high bits extended. */
const WIDENING: ReadonlySet<string> = new Set(['+', '-', '*', '<<']);

const PLAIN: Readonly<Record<string, AluOperation>> = {
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '&': 'and',
  '|': 'or',
  '^': 'xor',
};

/** Leaves the result in R0. All arithmetic is done in 64 bits and brought back into the type's range. */
export function emitArithmetic(context: EmitContext, node: TypedNode & ArithmeticNode): void {
  const { builder } = context;
  const { operator, type } = node;
  const plain = PLAIN[operator];
  const immediate = emitOperands(context, node.left, node.right);
  if (plain) {
    noteSource(context, node);
    if (immediate === undefined) builder.alu(plain, R0, R1);
    else builder.aluImmediate(plain, R0, immediate);
  } else if (operator === '<<' || operator === '>>') emitShift(context, node, immediate);
  else emitDivision(context, node, immediate);
  if (WIDENING.has(operator)) emitNarrow(builder, R0, type);
}

function isSigned(type: ScalarType): boolean {
  return type.kind === 'int' && type.signed;
}

function emitShift(
  context: EmitContext,
  node: TypedNode & ArithmeticNode,
  immediate: number | undefined,
): void {
  const { builder } = context;
  const right = isSigned(node.type) ? 'arsh' : 'rsh';
  const operation = node.operator === '<<' ? 'lsh' : right;
  const mask = shiftMask(node.type);
  if (immediate === undefined) builder.aluImmediate('and', R1, mask);
  noteSource(context, node);
  if (immediate === undefined) builder.alu(operation, R0, R1);
  else builder.aluImmediate(operation, R0, immediate & mask);
}

/** BPF divides only unsigned numbers before Linux 6.6: signed division works on magnitudes and restores the sign. */
function emitDivision(
  context: EmitContext,
  node: TypedNode & ArithmeticNode,
  immediate: number | undefined,
): void {
  const { builder, falseLabel } = context;
  const operation = node.operator === '/' ? 'div' : 'mod';
  if (immediate !== undefined) builder.constant(R1, immediate);
  builder.jumpImmediate('eq', R1, 0, falseLabel);
  if (!isSigned(node.type)) {
    noteSource(context, node);
    builder.alu(operation, R0, R1);
    return;
  }
  // The quotient is negative if the signs differ; the remainder has the sign of the dividend.
  builder.mov(R2, R0);
  if (operation === 'div') builder.alu('xor', R2, R1);
  emitMagnitude(context, R0, R0);
  emitMagnitude(context, R1, R1);
  noteSource(context, node);
  builder.alu(operation, R0, R1);
  emitMagnitude(context, R2, R0);
  // The smallest int divided by -1 is one more than the largest.
  emitNarrow(builder, R0, node.type);
}

/** Negates `target` where `sign` is negative. */
function emitMagnitude({ builder }: EmitContext, sign: Register, target: Register): void {
  const positive = builder.label('positive');
  builder.jumpImmediate('sge', sign, 0, positive).aluImmediate('neg', target, 0).place(positive);
}
