import { type CheckContext, checkValue } from './check-context.js';
import { formatCType, INT } from './ctype.js';
import { evaluateConstant } from './evaluate.js';
import { expandMacro } from './expand-macro.js';
import { didYouMean, hints, listing, nearNames } from './hint.js';
import { functionMacros } from './macros.js';
import { INVALID_OPERAND, type Operand, valueOperand } from './operand.js';
import type { CallSyntax, Syntax } from './syntax.js';
import type { PointerNode } from './typed.js';

/** The kernel's longest file name (`NAME_MAX`); more does not fit on a BPF program's stack. */
const MAX_COMPARED = 255;

/** Only macros can be called. */
export function checkCall(context: CheckContext, expression: CallSyntax): Operand {
  const { callee } = expression;
  const name = callee.kind === 'name' ? callee.name : undefined;
  if (name === 'STRCMP' || name === 'STRNCMP') return checkComparison(context, expression, name);
  const macro = name === undefined ? undefined : functionMacros.get(name);
  if (name === undefined || !macro) return refuseCall(context, expression, name);
  if (expression.arguments.length !== macro.parameters.length) {
    return refuseCount(context, expression, `${name}(${macro.parameters.join(', ')})`);
  }
  const operand = context.check(expandMacro(name, expression.arguments, expression));
  const { offset, length } = expression;
  return operand.kind === 'value' ? valueOperand({ ...operand.node, offset, length }) : operand;
}

function refuseCall(context: CheckContext, expression: CallSyntax, name: string | undefined): Operand {
  const macros = ['STRCMP', 'STRNCMP', ...functionMacros.keys()];
  const message =
    name === undefined ? 'a predicate cannot call functions' : `a predicate cannot call '${name}'`;
  const near = name === undefined ? [] : nearNames(name, macros);
  context.problems.report(
    'ORD-211',
    expression.callee,
    message,
    hints(didYouMean(near), listing('macros', macros)),
  );
  return INVALID_OPERAND;
}

function refuseCount(context: CheckContext, expression: CallSyntax, shape: string): Operand {
  const count = expression.arguments.length;
  const message = `${count} argument${count === 1 ? '' : 's'} do not fit ${shape}`;
  context.problems.report('ORD-214', expression, message);
  return INVALID_OPERAND;
}

/** `STRCMP(p, "s")` and `STRNCMP(p, "s", n)`: true if the bytes are equal, unlike C's functions. */
function checkComparison(context: CheckContext, expression: CallSyntax, name: 'STRCMP' | 'STRNCMP'): Operand {
  const [pointer, text, count] = expression.arguments;
  const wanted = name === 'STRCMP' ? 2 : 3;
  if (!pointer || !text || expression.arguments.length !== wanted) {
    return refuseCount(context, expression, name === 'STRCMP' ? 'STRCMP(p, "s")' : 'STRNCMP(p, "s", n)');
  }
  const address = checkTextPointer(context, pointer);
  const pattern = checkPattern(context, text);
  const whole = (pattern?.length ?? 0) + 1;
  const bytes = count === undefined ? whole : checkCount(context, count, pattern && whole);
  if (!address || !pattern || bytes === undefined) return INVALID_OPERAND;
  if (bytes > MAX_COMPARED) {
    context.problems.report('ORD-217', text, `more than ${MAX_COMPARED} bytes cannot be compared`);
    return INVALID_OPERAND;
  }
  const compared = new Uint8Array(bytes);
  compared.set(pattern.subarray(0, bytes));
  const early = compared.indexOf(0);
  const { offset, length } = expression;
  return valueOperand({
    kind: 'match',
    address,
    space: address.type.space,
    bytes: compared,
    mode: early >= 0 && early < bytes - 1 ? 'bytes' : 'string',
    type: INT,
    offset,
    length,
  });
}

function checkTextPointer(context: CheckContext, expression: Syntax): PointerNode | undefined {
  if (expression.kind === 'string') {
    context.problems.report('ORD-214', expression, 'the string to compare with comes second');
    return undefined;
  }
  const node = checkValue(context, expression);
  if (!node) return undefined;
  const { type } = node;
  if (type.kind === 'pointer') {
    const { target } = type;
    const isText = target.kind === 'void' || (target.kind === 'int' && target.size === 1);
    if (isText || target.kind === 'invalid') return { ...node, type };
  }
  context.problems.report(
    'ORD-214',
    expression,
    `'${formatCType(type)}' does not point to text`,
    'cast it: (char *)',
  );
  return undefined;
}

/** Single quotes are accepted too, as in the bcc tool's examples. */
function checkPattern(context: CheckContext, expression: Syntax): Uint8Array | undefined {
  if (expression.kind === 'string' || expression.kind === 'char') return expression.bytes;
  const hint = expression.kind === 'name' ? `write "${expression.name}"` : undefined;
  context.problems.report('ORD-214', expression, 'only a string in quotes can be compared with', hint);
  return undefined;
}

/** @param whole bytes of the string with its NUL; `undefined` if there is no string to measure */
function checkCount(
  context: CheckContext,
  expression: Syntax,
  whole: number | undefined,
): number | undefined {
  const node = checkValue(context, expression);
  if (!node) return undefined;
  const value = evaluateConstant(node);
  if (value === undefined) {
    context.problems.report('ORD-214', expression, 'the number of bytes must be a constant');
    return undefined;
  }
  if (whole === undefined) return undefined;
  if (value >= 1n && value <= BigInt(whole)) return Number(value);
  context.problems.report(
    'ORD-214',
    expression,
    `${value} bytes cannot be compared with a string of ${whole}, its NUL included`,
    `${whole} compares the whole string, less its beginning`,
  );
  return undefined;
}
