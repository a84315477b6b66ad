import { constantNode } from './build.js';
import { checkBinary } from './check-binary.js';
import { checkBlock } from './check-block.js';
import { checkCall } from './check-call.js';
import { checkConditional } from './check-conditional.js';
import type { CheckContext } from './check-context.js';
import { checkIndex, checkMember } from './check-member.js';
import { checkName } from './check-name.js';
import { checkCast, checkSizeof, checkUnary } from './check-unary.js';
import { arithmeticType, INT } from './ctype.js';
import { INVALID_OPERAND, type Operand, valueOperand } from './operand.js';
import { charType } from './resolve-type.js';
import type { CharSyntax, Syntax } from './syntax.js';

/** Resolves an expression against this kernel. Errors are reported, and checking continues with the rest. */
export function checkExpression(context: CheckContext, expression: Syntax): Operand {
  switch (expression.kind) {
    case 'number':
      return valueOperand(
        constantNode(expression.value, arithmeticType(expression.size, expression.signed), expression),
      );
    case 'char':
      return checkChar(context, expression);
    case 'string':
      context.problems.report(
        'ORD-214',
        expression,
        'a string can only be compared',
        'write STRCMP(pointer, "text") or STRNCMP(pointer, "text", bytes)',
      );
      return INVALID_OPERAND;
    case 'name':
      return checkName(context, expression);
    case 'member':
      return checkMember(context, expression);
    case 'index':
      return checkIndex(context, expression);
    case 'call':
      return checkCall(context, expression);
    case 'unary':
      return checkUnary(context, expression);
    case 'binary':
      return checkBinary(context, expression);
    case 'conditional':
      return checkConditional(context, expression);
    case 'cast':
      return checkCast(context, expression);
    case 'sizeof':
      return checkSizeof(context, expression);
    case 'block':
      return checkBlock(context, expression);
    case 'refused':
      for (const part of expression.parts) context.check(part);
      return INVALID_OPERAND;
  }
}

/** A character is an int with the value that a `char` of this kernel would have. */
function checkChar(context: CheckContext, expression: CharSyntax): Operand {
  const [byte = 0] = expression.bytes;
  if (expression.bytes.length > 1) {
    context.problems.report('ORD-214', expression, 'a character literal holds one byte');
    return INVALID_OPERAND;
  }
  const value = charType(context.btf).signed ? BigInt.asIntN(8, BigInt(byte)) : BigInt(byte);
  return valueOperand(constantNode(value, INT, expression));
}
