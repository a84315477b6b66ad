import { convertNode } from './build.js';
import { type CheckContext, checkValue, type Local } from './check-context.js';
import { compatiblePointers, isNullConstant } from './conversion.js';
import { type CType, formatCType, isScalar, type ScalarType } from './ctype.js';
import { INVALID_OPERAND, type Operand, valueOperand } from './operand.js';
import { resolveType } from './resolve-type.js';
import type { BlockSyntax, DeclarationSyntax } from './syntax.js';
import type { LocalBinding, TypedNode } from './typed.js';

/** `({ declarations; expression; })`: the locals live until the closing parenthesis. */
export function checkBlock(context: CheckContext, expression: BlockSyntax): Operand {
  const scope = new Map<string, Local>();
  context.scopes.push(scope);
  const bindings: LocalBinding[] = [];
  for (const declaration of expression.declarations) {
    const binding = checkDeclaration(context, declaration, scope);
    if (binding) bindings.push(binding);
  }
  const result = checkValue(context, expression.result);
  context.scopes.pop();
  if (!result || bindings.length < expression.declarations.length) return INVALID_OPERAND;
  const { offset, length } = expression;
  if (bindings.length === 0) return valueOperand({ ...result, offset, length });
  return valueOperand({ kind: 'let', bindings, result, type: result.type, offset, length });
}

function checkDeclaration(
  context: CheckContext,
  declaration: DeclarationSyntax,
  scope: Map<string, Local>,
): LocalBinding | undefined {
  const { name, at } = declaration;
  const value = checkValue(context, declaration.value);
  const space = value?.type.kind === 'pointer' ? value.type.space : 'kernel';
  const type = resolveType(context.types, declaration.type, space);
  if (scope.has(name)) {
    context.problems.report('ORD-210', at, `'${name}' is declared twice`);
    return undefined;
  }
  const local = ++context.counters.locals;
  const usable = isScalar(type) ? type : undefined;
  // A declaration with a mistake still declares its name, so that its uses are not reported as unknown.
  const node = usable && { kind: 'local' as const, local, name, type: usable, ...at };
  scope.set(name, { local, name, node });
  if (!usable) {
    if (type.kind !== 'invalid') refuseType(context, declaration, type);
    return undefined;
  }
  const initial = value && initialValue(context, declaration, value, usable);
  return initial && { local, name, value: initial };
}

function refuseType(context: CheckContext, { at, name }: DeclarationSyntax, type: CType): void {
  const hint = type.kind === 'composite' ? `declare a pointer: ${type.name} *${name} = &…` : undefined;
  context.problems.report('ORD-214', at, `'${name}' cannot hold '${formatCType(type)}'`, hint);
}

/** The value converted as an initialisation converts it. */
function initialValue(
  context: CheckContext,
  declaration: DeclarationSyntax,
  value: TypedNode,
  type: ScalarType,
): TypedNode | undefined {
  const bothNumbers = value.type.kind === 'int' && type.kind === 'int';
  const bothPointers = value.type.kind === 'pointer' && type.kind === 'pointer';
  const toBool = type.kind === 'int' && type.bool;
  if (bothNumbers || toBool || (type.kind === 'pointer' && isNullConstant(value))) {
    return convertNode(value, type);
  }
  const [from, to] = [formatCType(value.type), formatCType(type)];
  if (bothPointers && compatiblePointers(value.type, type)) {
    if (value.type.space === type.space) return convertNode(value, type);
    const message = `'${declaration.name}' points into ${type.space} memory and its value into ${value.type.space} memory`;
    context.problems.report('ORD-214', declaration.value, message, `cast it: (${to})`);
    return undefined;
  }
  context.problems.report(
    'ORD-214',
    declaration.value,
    `'${to}' cannot be initialised with '${from}'`,
    `cast it: (${to})`,
  );
  return undefined;
}
