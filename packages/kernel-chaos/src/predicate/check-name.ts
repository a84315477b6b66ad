import { enumConstants } from './btf-names.js';
import { constantNode } from './build.js';
import type { CheckContext } from './check-context.js';
import { formatCType, INT, type IntType, LONG, pointerTo, UINT, VOID } from './ctype.js';
import { didYouMean, hints, listing, nearNames } from './hint.js';
import { functionMacros } from './macros.js';
import { INVALID_OPERAND, type Operand, valueOperand } from './operand.js';
import type { NameSyntax } from './syntax.js';

/** In C's order: the innermost local, a parameter, then what the kernel defines. */
export function checkName(context: CheckContext, expression: NameSyntax): Operand {
  const { name } = expression;
  const local = context.scopes.findLast((scope) => scope.has(name))?.get(name);
  if (local) {
    const { offset, length } = expression;
    return local.node ? valueOperand({ ...local.node, offset, length }) : INVALID_OPERAND;
  }
  const parameter = context.parameters.get(name);
  if (parameter) {
    const value = parameter.value(expression);
    if (value) return valueOperand(value);
    if (parameter.type.kind === 'invalid') return INVALID_OPERAND;
    const type = formatCType(parameter.type);
    context.problems.report('ORD-214', expression, `'${name}' is passed as '${type}', which cannot be read`);
    return INVALID_OPERAND;
  }
  return checkDefined(context, expression) ?? unknownName(context, expression);
}

function checkDefined(context: CheckContext, expression: NameSyntax): Operand | undefined {
  const { name } = expression;
  if (name === 'true' || name === 'false') {
    return valueOperand(constantNode(name === 'true' ? 1n : 0n, INT, expression));
  }
  if (name === 'NULL') return valueOperand(constantNode(0n, pointerTo(VOID), expression));
  const macro = context.macros.get(name);
  if (macro) {
    const type = macro.unsigned ? UINT : orInt(macro.value, LONG);
    return valueOperand(constantNode(macro.value, type, expression));
  }
  const constant = enumConstants(context.btf).get(name);
  if (!constant) return undefined;
  if (constant.ambiguous) {
    context.problems.report(
      'ORD-212',
      expression,
      `several enums of this kernel give '${name}' different values`,
      'write the number',
    );
    return INVALID_OPERAND;
  }
  return valueOperand(constantNode(constant.value, orInt(constant.value, constant.type), expression));
}

/** int if it fits, as for enum constants and plain macros. */
function orInt(value: bigint, wider: IntType): IntType {
  return BigInt.asIntN(32, value) === value ? INT : wider;
}

function unknownName(context: CheckContext, expression: NameSyntax): Operand {
  const { name } = expression;
  const locals = context.scopes.flatMap((scope) => [...scope.keys()]);
  const parameters = [...context.parameters.keys()];
  const macros = [...context.macros.names(), ...functionMacros.keys(), 'STRCMP', 'STRNCMP'];
  const close = nearNames(name, [...locals, ...parameters]);
  const candidates =
    close.length > 0 ? close : nearNames(name, [...macros, ...enumConstants(context.btf).keys()]);
  context.problems.report(
    'ORD-212',
    expression,
    `nothing here is called '${name}'`,
    hints(didYouMean(candidates), listing('parameters', parameters)),
  );
  return INVALID_OPERAND;
}
