import { OrdealError } from '@ordeal/diagnostics';
import { fieldOf, functions, isMap, isTrue, textOf, type Value } from './functions.js';
import type { Command, Node, Operand, Pipeline, Template } from './syntax.js';

/** The context of an evaluation: the dot and the visible variables. */
interface Scope {
  readonly dot: Value;
  readonly variables: Map<string, Value>;
  readonly outer: Scope | undefined;
}

/** Renders a template with a value. `templates` may define what it includes. @throws OrdealError ORD-807 */
export function evaluate(template: Template, templates: readonly Template[], root: Value): string {
  const defines = new Map(templates.flatMap((each) => [...each.defines]));
  return new Evaluator(template.file, defines).run(template.body, root);
}

class Evaluator {
  readonly #file: string;
  readonly #defines: ReadonlyMap<string, readonly Node[]>;
  #line = 1;

  constructor(file: string, defines: ReadonlyMap<string, readonly Node[]>) {
    this.#file = file;
    this.#defines = defines;
  }

  run(body: readonly Node[], dot: Value): string {
    return this.#nodes(body, { dot, variables: new Map([['', dot]]), outer: undefined });
  }

  #nodes(nodes: readonly Node[], scope: Scope): string {
    return nodes.map((node) => this.#node(node, scope)).join('');
  }

  #node(node: Node, scope: Scope): string {
    if (node.type === 'text') return node.text;
    this.#line = node.line;
    const value = this.#pipeline(node.pipeline, scope);
    switch (node.type) {
      case 'output':
        return textOf(value);
      case 'assign':
        (node.declares ? scope : this.#owner(node.variable, scope)).variables.set(node.variable, value);
        return '';
      case 'if':
        return this.#nodes(
          isTrue(value) ? node.body : node.otherwise,
          inner(scope, scope.dot, node.variables, [value]),
        );
      case 'with': {
        if (!isTrue(value)) return this.#nodes(node.otherwise, inner(scope, scope.dot));
        return this.#nodes(node.body, inner(scope, value, node.variables, [value]));
      }
      case 'range': {
        const items = itemsOf(value);
        if (items.length === 0) return this.#nodes(node.otherwise, inner(scope, scope.dot));
        return items
          .map(([key, item]) => {
            const values = node.variables.length === 2 ? [key, item] : [item];
            return this.#nodes(node.body, inner(scope, item, node.variables, values));
          })
          .join('');
      }
    }
  }

  #pipeline(pipeline: Pipeline, scope: Scope): Value {
    let piped: readonly Value[] = [];
    for (const command of pipeline) piped = [this.#command(command, scope, piped)];
    return piped[0];
  }

  #command([first, ...others]: Command, scope: Scope, piped: readonly Value[]): Value {
    if (first.type !== 'call') {
      if (others.length > 0 || piped.length > 0) this.#fail('a value takes no arguments');
      return this.#operand(first, scope);
    }
    const args = [...others.map((operand) => this.#operand(operand, scope)), ...piped];
    const { name } = first;
    if (name === 'include' || name === 'template') return this.#include(textOf(args[0]), args[1]);
    if (name === 'fail') this.#fail(textOf(args[0]));
    if (name === 'required') return isTrue(args[1]) ? args[1] : this.#fail(textOf(args[0]));
    const call = Object.hasOwn(functions, name) ? functions[name] : undefined;
    return call === undefined ? this.#fail(`there is no function ${name}`) : call(...args);
  }

  #operand(operand: Operand, scope: Scope): Value {
    if (operand.type === 'value') return operand.value;
    if (operand.type === 'call') return this.#command([operand], scope, []);
    const { of, fields } = operand;
    const value =
      of.type === 'dot'
        ? scope.dot
        : of.type === 'variable'
          ? this.#owner(of.name, scope).variables.get(of.name)
          : this.#pipeline(of.pipeline, scope);
    return fields.reduce(fieldOf, value);
  }

  #include(name: string, dot: Value): string {
    const body = this.#defines.get(name);
    return body === undefined ? this.#fail(`no template defines '${name}'`) : this.run(body, dot);
  }

  #owner(variable: string, scope: Scope): Scope {
    for (let each: Scope | undefined = scope; each !== undefined; each = each.outer) {
      if (each.variables.has(variable)) return each;
    }
    return this.#fail(`there is no variable $${variable}`);
  }

  #fail(message: string): never {
    throw new OrdealError('ORD-807', `${this.#file}:${this.#line}: ${message}`);
  }
}

function inner(
  outer: Scope,
  dot: Value,
  names: readonly string[] = [],
  values: readonly Value[] = [],
): Scope {
  return { dot, variables: new Map(names.map((name, index) => [name, values[index]])), outer };
}

/** Maps are iterated in the order of their keys. */
function itemsOf(value: Value): (readonly [Value, Value])[] {
  if (Array.isArray(value)) return value.map((item, index) => [index, item]);
  return isMap(value) ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)) : [];
}
