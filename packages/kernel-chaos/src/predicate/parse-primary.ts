import { readNumber, readQuoted } from './literal.js';
import type { ParseContext } from './parse-context.js';
import { heightOver, parseConditional, parseExpression } from './parse-expression.js';
import { parseDeclarator, parseSpecifiers } from './parse-type.js';
import { spanning } from './problem.js';
import type { DeclarationSyntax, Syntax } from './syntax.js';
import { isReserved, refusedWords, type Token } from './token.js';
import { describe, ParseStop, type TokenStream } from './token-stream.js';

/** A name, a literal, a parenthesis or a statement expression. */
export function parsePrimary(context: ParseContext): Syntax {
  const { stream } = context;
  const token = stream.peek();
  switch (token.kind) {
    case 'identifier':
      return parseName(stream);
    case 'number':
      return parseNumber(stream);
    case 'char': {
      const bytes = quotedBytes(stream, stream.next());
      if (bytes.length === 0) stream.fail('a character literal cannot be empty', token);
      return { kind: 'char', ...placed(token), height: 1, bytes };
    }
    case 'string':
      return parseString(stream);
    default:
      if (!stream.at('(')) return stream.fail(`expected an expression, found ${describe(token)}`);
      return stream.at('{', 1) ? parseBlock(context) : parseParenthesis(context);
  }
}

function parseName(stream: TokenStream): Syntax {
  const token = stream.peek();
  const refused = refusedWords.get(token.text);
  if (refused !== undefined) {
    stream.problems.report('ORD-211', token, `a predicate cannot contain ${refused}: '${token.text}'`);
    throw new ParseStop();
  }
  if (isReserved(token.text))
    return stream.fail(`expected an expression, found the type word '${token.text}'`);
  stream.next();
  return { kind: 'name', ...placed(token), height: 1, name: token.text };
}

function parseNumber(stream: TokenStream): Syntax {
  const token = stream.next();
  const literal = readNumber(token.text);
  if ('refused' in literal) {
    stream.problems.report(literal.code, token, literal.refused);
    throw new ParseStop();
  }
  return { kind: 'number', ...placed(token), height: 1, ...literal };
}

/** Adjacent strings are one string, as in C. */
function parseString(stream: TokenStream): Syntax {
  const first = stream.peek();
  const bytes: number[] = [];
  let last = first;
  while (stream.peek().kind === 'string') {
    last = stream.next();
    for (const byte of quotedBytes(stream, last)) bytes.push(byte);
  }
  return { kind: 'string', ...spanning(first, last), height: 1, bytes: Uint8Array.from(bytes) };
}

function quotedBytes(stream: TokenStream, token: Token): Uint8Array {
  const bytes = readQuoted(token.text);
  return bytes instanceof Uint8Array ? bytes : stream.fail(bytes.refused, token);
}

/** The parentheses belong to the node's place, so that a caret covers them. */
function parseParenthesis(context: ParseContext): Syntax {
  const open = context.stream.next();
  const inner = parseExpression(context);
  const close = context.stream.expect(')', "to close '('");
  return { ...inner, ...spanning(open, close) };
}

/** `({ struct gendisk *d = bio->bi_disk; d->major == 8; })` */
function parseBlock(context: ParseContext): Syntax {
  const { stream } = context;
  const open = stream.next();
  stream.next();
  return context.inScope(() => {
    const declarations: DeclarationSyntax[] = [];
    while (context.startsType(stream.peek()) || looksLikeDeclaration(stream)) {
      parseDeclarations(context, declarations);
    }
    if (stream.at('}')) stream.fail('a statement expression ends with the expression that is its value');
    const result = parseExpression(context);
    stream.expect(';', 'after the expression');
    if (!stream.at('}')) {
      stream.fail('a statement expression holds declarations and then one expression', stream.peek());
    }
    stream.next();
    const close = stream.expect(')', "to close '({'");
    const height = heightOver(stream, result, ...declarations.map((declaration) => declaration.value));
    return { kind: 'block', ...spanning(open, close), height, declarations, result };
  });
}

/** `foo_t x = …` and `foo_t *x = …` with an unknown type are reported as such. */
function looksLikeDeclaration(stream: TokenStream): boolean {
  const plain = (ahead: number) => {
    const token = stream.peek(ahead);
    return token.kind === 'identifier' && !isReserved(token.text);
  };
  if (!plain(0)) return false;
  let ahead = 1;
  while (stream.at('*', ahead)) ahead++;
  return plain(ahead) && (ahead === 1 || stream.at('=', ahead + 1));
}

function parseDeclarations(context: ParseContext, into: DeclarationSyntax[]): void {
  const stream: TokenStream = context.stream;
  const base = parseSpecifiers(context);
  do {
    const { name, at, wrap } = parseDeclarator(context, base.user);
    if (name === undefined) stream.fail(`expected a name to declare, found ${describe(stream.peek())}`);
    if (!stream.take('=')) stream.fail(`'${name}' needs a value: a predicate cannot assign one later`, at);
    if (stream.at('{')) stream.fail('a predicate has no initialiser lists');
    const value = parseConditional(context);
    context.declare(name);
    into.push({ name, at: { offset: at.offset, length: at.length }, type: wrap(base), value });
  } while (stream.take(','));
  stream.expect(';', 'after the declaration');
}

function placed({ offset, length }: Token): { offset: number; length: number } {
  return { offset, length };
}
