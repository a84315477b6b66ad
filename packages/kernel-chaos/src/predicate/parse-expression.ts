import type { ParseContext } from './parse-context.js';
import { parsePrimary } from './parse-primary.js';
import { parseTypeName } from './parse-type.js';
import { type Span, spanning } from './problem.js';
import type { BinaryOperator, Syntax, UnaryOperator } from './syntax.js';
import { describe, MAX_HEIGHT, type TokenStream } from './token-stream.js';

/** Binding strength of the binary operators, as in C; stronger is higher. */
const PRECEDENCE: ReadonlyMap<string, number> = new Map([
  ['||', 1],
  ['&&', 2],
  ['|', 3],
  ['^', 4],
  ['&', 5],
  ['==', 6],
  ['!=', 6],
  ['<', 7],
  ['<=', 7],
  ['>', 7],
  ['>=', 7],
  ['<<', 8],
  ['>>', 8],
  ['+', 9],
  ['-', 9],
  ['*', 10],
  ['/', 10],
  ['%', 10],
]);

const ASSIGNMENTS: ReadonlySet<string> = new Set([
  '=',
  '+=',
  '-=',
  '*=',
  '/=',
  '%=',
  '&=',
  '|=',
  '^=',
  '<<=',
  '>>=',
]);

const UNARY: ReadonlySet<string> = new Set(['+', '-', '~', '!', '*', '&']);

/** One more than the height of the highest child. Ends the parsing if the tree becomes too deep. */
export function heightOver(stream: TokenStream, ...parts: readonly Syntax[]): number {
  const height = 1 + parts.reduce((highest, part) => Math.max(highest, part.height), 0);
  if (height > MAX_HEIGHT) stream.tooDeep();
  return height;
}

/** A whole expression; an assignment or a comma is reported and skipped. */
export function parseExpression(context: ParseContext): Syntax {
  const { stream } = context;
  let left = parseConditional(context);
  for (;;) {
    const token = stream.peek();
    if (token.kind !== 'punctuation') return left;
    if (token.text === ',') {
      stream.problems.report('ORD-211', token, 'a predicate has no comma operator');
    } else if (ASSIGNMENTS.has(token.text)) {
      const hint = token.text === '=' ? "to compare, write '=='" : undefined;
      stream.problems.report('ORD-211', token, `a predicate cannot write to memory: '${token.text}'`, hint);
    } else return left;
    stream.next();
    left = refused(stream, left, parseConditional(context));
  }
}

/** An expression that ends at a comma: an argument or an initial value. */
export function parseConditional(context: ParseContext): Syntax {
  return context.stream.nested(() => {
    const { stream } = context;
    const condition = parseBinary(context, 1);
    if (!stream.take('?')) return condition;
    const whenTrue = parseConditional(context);
    stream.expect(':', "of '?'");
    const whenFalse = parseConditional(context);
    const height = heightOver(stream, condition, whenTrue, whenFalse);
    return { kind: 'conditional', ...spanning(condition, whenFalse), height, condition, whenTrue, whenFalse };
  });
}

function parseBinary(context: ParseContext, weakest: number): Syntax {
  const { stream } = context;
  let left = parseUnary(context);
  for (;;) {
    const token = stream.peek();
    const strength = token.kind === 'punctuation' ? PRECEDENCE.get(token.text) : undefined;
    if (strength === undefined || strength < weakest) return left;
    stream.next();
    const right = parseBinary(context, strength + 1);
    const height = heightOver(stream, left, right);
    const operator = token.text as BinaryOperator;
    left = { kind: 'binary', ...spanning(left, right), height, operator, left, right };
  }
}

function parseUnary(context: ParseContext): Syntax {
  return context.stream.nested(() => {
    const { stream } = context;
    const token = stream.peek();
    if (token.kind === 'punctuation' && UNARY.has(token.text)) {
      stream.next();
      const operand = parseUnary(context);
      const operator = token.text as UnaryOperator;
      const height = heightOver(stream, operand);
      return { kind: 'unary', ...spanning(token, operand), height, operator, operand };
    }
    if (stream.at('++') || stream.at('--')) {
      reportStep(stream, token);
      stream.next();
      return refused(stream, parseUnary(context));
    }
    if (stream.at('sizeof')) return parseSizeof(context);
    if (context.parenthesisHoldsType()) return parseCast(context);
    return parsePostfix(context);
  });
}

function parseCast(context: ParseContext): Syntax {
  const { stream } = context;
  const open = stream.next();
  const type = parseTypeName(context);
  stream.expect(')', 'after the type');
  if (stream.at('{')) {
    stream.fail('a predicate has no compound literals');
  }
  const operand = parseUnary(context);
  return { kind: 'cast', ...spanning(open, operand), height: heightOver(stream, operand), type, operand };
}

function parseSizeof(context: ParseContext): Syntax {
  const { stream } = context;
  const word = stream.next();
  if (context.parenthesisHoldsType()) {
    stream.next();
    const type = parseTypeName(context);
    const close = stream.expect(')', 'after the type');
    return { kind: 'sizeof', ...spanning(word, close), height: 1, operand: { kind: 'type', type } };
  }
  const expression = parseUnary(context);
  const height = heightOver(stream, expression);
  return {
    kind: 'sizeof',
    ...spanning(word, expression),
    height,
    operand: { kind: 'expression', expression },
  };
}

function parsePostfix(context: ParseContext): Syntax {
  const { stream } = context;
  let base = parsePrimary(context);
  for (;;) {
    const token = stream.peek();
    if (token.kind !== 'punctuation') return base;
    if (token.text === '.' || token.text === '->') base = parseMember(stream, base);
    else if (token.text === '[') base = parseIndex(context, base);
    else if (token.text === '(') base = parseCall(context, base);
    else if (token.text === '++' || token.text === '--') {
      reportStep(stream, token);
      stream.next();
      base = refused(stream, base);
    } else return base;
  }
}

function parseMember(stream: TokenStream, base: Syntax): Syntax {
  const arrow = stream.next().text === '->';
  const at = stream.peek();
  if (at.kind !== 'identifier') {
    stream.fail(`expected the name of a member after '${arrow ? '->' : '.'}', found ${describe(at)}`);
  }
  stream.next();
  return {
    kind: 'member',
    ...spanning(base, at),
    height: heightOver(stream, base),
    base,
    name: at.text,
    at: { offset: at.offset, length: at.length },
    arrow,
  };
}

function parseIndex(context: ParseContext, base: Syntax): Syntax {
  const { stream } = context;
  stream.next();
  const index = parseExpression(context);
  const close = stream.expect(']', "to close '['");
  return { kind: 'index', ...spanning(base, close), height: heightOver(stream, base, index), base, index };
}

function parseCall(context: ParseContext, callee: Syntax): Syntax {
  const { stream } = context;
  stream.next();
  const list: Syntax[] = [];
  if (!stream.at(')')) {
    do list.push(parseConditional(context));
    while (stream.take(','));
  }
  const close = stream.expect(')', "to close '('");
  const height = heightOver(stream, callee, ...list);
  return { kind: 'call', ...spanning(callee, close), height, callee, arguments: list };
}

function reportStep(stream: TokenStream, token: Span & { readonly text: string }): void {
  stream.problems.report('ORD-211', token, `a predicate cannot write to memory: '${token.text}'`);
}

function refused(stream: TokenStream, ...parts: readonly [Syntax, ...Syntax[]]): Syntax {
  const last = parts.at(-1) ?? parts[0];
  return { kind: 'refused', ...spanning(parts[0], last), height: heightOver(stream, ...parts), parts };
}
