import { functionMacros } from './macros.js';
import { parsePredicate } from './parse.js';
import { ProblemList, type Span } from './problem.js';
import type { Syntax } from './syntax.js';

const bodies = new Map<string, Syntax>();

/**
 * The body of a macro with parameters, with the arguments in their places. Nodes of the body are placed where the
 * macro is called, nodes of the arguments keep their own places.
 *
 * @param name a key of `functionMacros`
 */
export function expandMacro(name: string, values: readonly Syntax[], call: Span): Syntax {
  const macro = functionMacros.get(name);
  if (!macro) throw new Error(`there is no macro ${name}`);
  const known = bodies.get(name);
  const body = known ?? parseBody(name, macro.body);
  if (!known) bodies.set(name, body);
  const replacements = new Map(macro.parameters.map((parameter, index) => [parameter, values[index]]));
  return substitute(body, replacements, call);
}

function parseBody(name: string, text: string): Syntax {
  const problems = new ProblemList('predicate');
  const names = { isTypedef: () => false, isParameter: () => false };
  const body = parsePredicate(text, names, problems);
  if (!body) throw new Error(`the body of ${name} cannot be parsed`);
  return body;
}

/** Bodies consist of names, numbers, casts and operators only. */
function substitute(node: Syntax, replacements: ReadonlyMap<string, Syntax | undefined>, call: Span): Syntax {
  const { offset, length } = call;
  const inside = (child: Syntax) => substitute(child, replacements, call);
  switch (node.kind) {
    case 'name':
      return replacements.get(node.name) ?? { ...node, offset, length };
    case 'cast':
    case 'unary':
      return { ...node, offset, length, operand: inside(node.operand) };
    case 'binary':
      return { ...node, offset, length, left: inside(node.left), right: inside(node.right) };
    default:
      return { ...node, offset, length };
  }
}
