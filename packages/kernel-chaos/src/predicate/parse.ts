import { tokenize } from './lexer.js';
import { type KnownNames, ParseContext } from './parse-context.js';
import { parseExpression } from './parse-expression.js';
import { parseDeclarator, parseSpecifiers } from './parse-type.js';
import { type ProblemList, spanning } from './problem.js';
import type { ParameterSyntax, Syntax } from './syntax.js';
import { refusedWords } from './token.js';
import { describe, ParseStop, TokenStream } from './token-stream.js';

/** The expression that `text` is; `undefined` if it is not one, with the first problem reported. */
export function parsePredicate(text: string, names: KnownNames, problems: ProblemList): Syntax | undefined {
  return parseWhole(text, names, problems, (context) => {
    const { stream } = context;
    const expression = parseExpression(context);
    const rest = stream.peek();
    if (rest.kind === 'end') return expression;
    const refused = rest.kind === 'identifier' ? refusedWords.get(rest.text) : undefined;
    if (refused !== undefined) {
      problems.report('ORD-211', rest, `a predicate cannot contain ${refused}: '${rest.text}'`);
      throw new ParseStop();
    }
    const hint = rest.text === ';' ? 'a predicate is one expression, without a semicolon' : undefined;
    return stream.fail(`expected an operator or the end, found ${describe(rest)}`, rest, hint);
  });
}

/** `struct dentry *parent, const struct qstr *name`; `void` and nothing are an empty list. */
export function parseParameters(
  text: string,
  names: KnownNames,
  problems: ProblemList,
): ParameterSyntax[] | undefined {
  return parseWhole(text, names, problems, (context) => {
    const { stream } = context;
    const list: ParameterSyntax[] = [];
    if (stream.peek().kind === 'end') return list;
    if (stream.at('void') && stream.peek(1).kind === 'end') return list;
    do {
      const first = stream.peek();
      // Variable arguments have neither names nor positions; a copied prototype may end with them.
      if (list.length > 0 && stream.take('...')) break;
      const base = parseSpecifiers(context);
      const { name, at, wrap } = parseDeclarator(context, base.user);
      list.push({ name, at: spanning(first, name === undefined ? base.at : at), type: wrap(base) });
    } while (stream.take(','));
    if (stream.peek().kind !== 'end') {
      stream.fail(`expected ',' or the end, found ${describe(stream.peek())}`);
    }
    return list;
  });
}

function parseWhole<T>(
  text: string,
  names: KnownNames,
  problems: ProblemList,
  parse: (context: ParseContext) => T,
): T | undefined {
  const tokens = tokenize(text, problems);
  if (!tokens) return undefined;
  try {
    return parse(new ParseContext(new TokenStream(tokens, problems), names));
  } catch (error) {
    if (error instanceof ParseStop) return undefined;
    throw error;
  }
}
