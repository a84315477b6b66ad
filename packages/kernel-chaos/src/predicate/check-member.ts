import { type BtfComposite, findMember, memberNames } from '@ordeal/bpf';
import { typeFromBtf } from './btf-types.js';
import { advance, arithmeticNode, convertNode } from './build.js';
import { type CheckContext, checkValue } from './check-context.js';
import { promote } from './conversion.js';
import { type CompositeType, formatCType, LONG, pointerTo, sizeOfType } from './ctype.js';
import { didYouMean, hints, listing, nearNames } from './hint.js';
import {
  INVALID_OPERAND,
  type Operand,
  type Place,
  pointedPlace,
  readOperand,
  spaceOf,
  typeOfOperand,
} from './operand.js';
import { spanning } from './problem.js';
import type { IndexSyntax, MemberSyntax } from './syntax.js';
import type { PointerNode, TypedNode } from './typed.js';

/** `base.name` and `base->name` */
export function checkMember(context: CheckContext, expression: MemberSyntax): Operand {
  const place = compositePlace(context, expression);
  if (!place) return INVALID_OPERAND;
  const type = place.type as CompositeType;
  const composite = type.id === undefined ? undefined : context.btf.type(type.id);
  if (composite?.kind !== 'struct' && composite?.kind !== 'union') {
    context.problems.report(
      'ORD-213',
      expression.at,
      `this kernel's BTF does not say what is in '${type.name}'`,
    );
    return INVALID_OPERAND;
  }
  const member = findMember(context.btf, composite, expression.name);
  if (!member) return unknownMember(context, expression, type, composite);
  const space = spaceOf(place);
  const memberType = typeFromBtf(context.btf, member.type, space);
  const { offset, length } = expression;
  const bitField = member.bitSize !== 0;
  const bytes = bitField ? 0n : BigInt(member.bitOffset / 8);
  return {
    kind: 'place',
    type: memberType,
    address: advance(place.address, bytes, pointerTo(memberType, space), expression),
    bits: bitField ? { first: member.bitOffset, width: member.bitSize } : undefined,
    offset,
    length,
  };
}

/** The struct or union of the member. */
function compositePlace(context: CheckContext, expression: MemberSyntax): Place | undefined {
  const { base, arrow } = expression;
  const operand = context.check(base);
  if (operand.kind === 'invalid') return undefined;
  const type = typeOfOperand(operand);
  const wrong = (message: string, hint?: string) => {
    context.problems.report('ORD-214', base, message, hint);
    return undefined;
  };
  if (!arrow) {
    if (operand.kind === 'place' && type.kind === 'composite') return operand;
    const isPointer = type.kind === 'pointer' && type.target.kind === 'composite';
    return wrong(
      `'${formatCType(type)}' is not a struct or union`,
      isPointer ? `members of a pointer's target are reached with '->'` : undefined,
    );
  }
  if (type.kind === 'composite') {
    return wrong(`'${type.name}' is not a pointer`, `members of a struct are reached with '.'`);
  }
  const pointer = operand.kind === 'place' ? readOperand(operand, context.problems) : operand.node;
  if (!pointer) return undefined;
  if (!isPointerNode(pointer) || pointer.type.target.kind !== 'composite') {
    if (pointer.type.kind === 'pointer' && pointer.type.target.kind === 'invalid') return undefined;
    return wrong(`'${formatCType(pointer.type)}' does not point to a struct or union`);
  }
  return pointedPlace(pointer, base);
}

function unknownMember(
  context: CheckContext,
  expression: MemberSyntax,
  type: CompositeType,
  composite: BtfComposite,
): Operand {
  const names = memberNames(context.btf, composite);
  context.problems.report(
    'ORD-213',
    expression.at,
    `'${type.name}' has no member '${expression.name}'`,
    hints(didYouMean(nearNames(expression.name, names)), listing('members', names)),
  );
  return INVALID_OPERAND;
}

/** `base[index]`, or `index[base]`, which C allows too. */
export function checkIndex(context: CheckContext, expression: IndexSyntax): Operand {
  const left = checkValue(context, expression.base);
  const right = checkValue(context, expression.index);
  if (!left || !right) return INVALID_OPERAND;
  const [pointer, index] = isPointerNode(left) ? [left, right] : [right, left];
  if (!isPointerNode(pointer) || index.type.kind !== 'int') {
    const wrong = isPointerNode(left) ? [expression.index, right] : [expression.base, left];
    const [span, node] = wrong as [typeof expression.base, TypedNode];
    const what = isPointerNode(left) ? 'not a number to index with' : 'not an array or a pointer';
    context.problems.report('ORD-214', span, `'${formatCType(node.type)}' is ${what}`);
    return INVALID_OPERAND;
  }
  const moved = movePointer(context, pointer, index, '+', expression);
  return moved ? pointedPlace(moved, expression) : INVALID_OPERAND;
}

/** `pointer ± count`, counted in what it points to. */
export function movePointer(
  context: CheckContext,
  pointer: PointerNode,
  count: TypedNode,
  operator: '+' | '-',
  span: { readonly offset: number; readonly length: number },
): PointerNode | undefined {
  const { type } = pointer;
  const size = sizeOfType(type.target);
  if (size === undefined) {
    if (type.target.kind !== 'invalid') {
      const target = formatCType(type.target);
      context.problems.report('ORD-214', span, `the size of '${target}' is unknown, so there is no next one`);
    }
    return undefined;
  }
  const wide = convertNode(promote(count), LONG);
  if (wide.kind === 'constant') {
    const distance = wide.value * BigInt(size);
    return advance(pointer, operator === '+' ? distance : -distance, type, span);
  }
  const scale: TypedNode = { kind: 'constant', value: BigInt(size), type: LONG, ...spanning(count, count) };
  const distance = size === 1 ? wide : arithmeticNode('*', wide, scale, LONG, count);
  return { ...arithmeticNode(operator, pointer, distance, type, span), type };
}

/** Whether the value is an address, so that it can be offset and dereferenced. */
export function isPointerNode(node: TypedNode): node is PointerNode {
  return node.type.kind === 'pointer';
}
