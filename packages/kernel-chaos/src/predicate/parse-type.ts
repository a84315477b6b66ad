import type { ParseContext } from './parse-context.js';
import { parseExpression } from './parse-expression.js';
import { type Span, spanning } from './problem.js';
import type { NamedTypeSyntax, TypeSyntax } from './syntax.js';
import { builtinTypeWords, isReserved, qualifierWords, refusedWords, tagWords } from './token.js';
import { describe, type TokenStream } from './token-stream.js';

/** Upper bound of stars in a row; no type of the kernel has as many. */
const MAX_POINTERS = 16;

/** A parsed declarator: its name, and how it modifies the type before it. */
export interface Declarator {
  readonly name: string | undefined;
  readonly at: Span;
  readonly wrap: (base: TypeSyntax) => TypeSyntax;
}

/** `const struct qstr`, `unsigned long`, `gfp_t`: everything before the declarator. */
export function parseSpecifiers(context: ParseContext): NamedTypeSyntax {
  const stream: TokenStream = context.stream;
  const words: string[] = [];
  const first = stream.peek();
  let named: Pick<NamedTypeSyntax, 'tag' | 'name'> | undefined;
  let user = false;
  let last: Span = first;
  for (;;) {
    const token = stream.peek();
    if (token.kind !== 'identifier') break;
    if (qualifierWords.has(token.text)) user ||= token.text === '__user';
    else if (builtinTypeWords.has(token.text) && !named) words.push(token.text);
    else if (tagWords.has(token.text) && !named && words.length === 0) {
      const tag = stream.next().text as 'struct' | 'union' | 'enum';
      if (stream.peek().kind !== 'identifier') {
        stream.fail(`expected the name of a ${tag}, found ${describe(stream.peek())}`);
      }
      named = { tag, name: stream.peek().text };
    } else if (!named && words.length === 0 && !isReserved(token.text)) {
      named = { tag: 'typedef', name: token.text };
    } else break;
    last = stream.next();
  }
  const at = spanning(first, last);
  if (named) return { kind: 'named', ...named, at, user };
  if (words.length === 0) refuseSpecifier(stream);
  const builtin = builtinName(words);
  if (builtin === undefined) stream.fail(`'${words.join(' ')}' is not a type`, at);
  return { kind: 'named', tag: 'builtin', name: builtin, at, user };
}

function refuseSpecifier(stream: TokenStream): never {
  const token = stream.peek();
  const refused = refusedWords.get(token.text);
  if (refused !== undefined) stream.fail(`a declaration cannot contain ${refused}: '${token.text}'`);
  return stream.fail(`expected a type, found ${describe(token)}`);
}

/** A whole type without a name, as in a cast: `struct foo **`. */
export function parseTypeName(context: ParseContext): TypeSyntax {
  const base = parseSpecifiers(context);
  const declarator = parseDeclarator(context, base.user);
  if (declarator.name !== undefined) {
    context.stream.fail(`a name is not expected here: '${declarator.name}'`, declarator.at);
  }
  return declarator.wrap(base);
}

/** `*name`, `name[4]`, `(*name)(int)`, or nothing. @param user whether the type before it carries `__user` */
export function parseDeclarator(context: ParseContext, user = false): Declarator {
  return context.stream.nested(() => {
    const { stream } = context;
    const pointers: boolean[] = [];
    let pointsToUser = user;
    while (stream.take('*')) {
      if (pointers.push(pointsToUser) > MAX_POINTERS) stream.tooDeep();
      pointsToUser = false;
      while (qualifierWords.has(stream.peek().text)) pointsToUser ||= stream.next().text === '__user';
    }
    const inner = parseDirect(context);
    const suffix = parseSuffixes(context);
    const wrap = (base: TypeSyntax): TypeSyntax => {
      let type = base;
      for (const isUser of pointers) type = { kind: 'pointer', target: type, user: isUser };
      return inner.wrap(suffix(type));
    };
    return { ...inner, wrap };
  });
}

function parseDirect(context: ParseContext): Declarator {
  const { stream } = context;
  const token = stream.peek();
  const same = (base: TypeSyntax) => base;
  if (token.kind === 'identifier' && !isReserved(token.text)) {
    stream.next();
    return { name: token.text, at: token, wrap: same };
  }
  if (stream.at('(') && (stream.at('*', 1) || stream.at('(', 1))) {
    stream.next();
    const inner = parseDeclarator(context);
    stream.expect(')', 'after the declarator');
    return inner;
  }
  return { name: undefined, at: { offset: token.offset, length: 0 }, wrap: same };
}

function parseSuffixes(context: ParseContext): (type: TypeSyntax) => TypeSyntax {
  return context.stream.nested(() => {
    const { stream } = context;
    if (stream.take('[')) {
      const count = stream.at(']') ? undefined : parseExpression(context);
      stream.expect(']', "to close '['");
      const rest = parseSuffixes(context);
      return (element) => ({ kind: 'array', element: rest(element), count });
    }
    if (stream.take('(')) {
      skipParameters(stream);
      const rest = parseSuffixes(context);
      return (returns) => ({ kind: 'function', returns: rest(returns) });
    }
    return (type) => type;
  });
}

/** The parameters of a function pointer do not matter: it cannot be called. */
function skipParameters(stream: TokenStream): void {
  for (let open = 1; open > 0; ) {
    const token = stream.next();
    if (token.kind === 'end') stream.fail("expected ')' to close the parameters, found the end");
    if (token.text === '(') open++;
    if (token.text === ')') open--;
  }
}

const BUILTIN_ORDER = ['signed', 'unsigned', 'char', 'short', 'long', 'int'];

/** The one spelling of a builtin type; `undefined` for words that cannot be combined. */
function builtinName(words: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  if (words.length === 1 && !BUILTIN_ORDER.includes(words[0] ?? '')) return words[0];
  const has = (word: string) => counts.has(word);
  const repeated = [...counts].some(([word, count]) => count > (word === 'long' ? 2 : 1));
  const foreign = words.some((word) => !BUILTIN_ORDER.includes(word));
  const sizes = ['char', 'short', 'long'].filter(has);
  if (repeated || foreign || sizes.length > 1 || (has('signed') && has('unsigned'))) return undefined;
  if (has('char') && has('int')) return undefined;
  const size = sizes[0] ?? 'int';
  if (has('unsigned')) return `unsigned ${size}`;
  return size === 'char' && has('signed') ? 'signed char' : size;
}
