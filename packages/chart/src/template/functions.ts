import { stringify } from 'yaml';

/** A value of a template. */
export type Value = unknown;

type TemplateFunction = (...args: readonly Value[]) => Value;

/** The functions of templates, as Go and Helm define them; those that need the evaluator are defined with it. */
export const functions: { readonly [name: string]: TemplateFunction } = {
  and: (...args) =>
    args[args.findIndex((arg) => !isTrue(arg))] ?? (args.every(isTrue) ? args.at(-1) : undefined),
  or: (...args) => args.find(isTrue) ?? args.at(-1),
  not: (arg) => !isTrue(arg),
  eq: (first, ...others) => others.some((other) => first === other),
  ne: (a, b) => a !== b,
  lt: (a, b) => Number(a) < Number(b),
  le: (a, b) => Number(a) <= Number(b),
  gt: (a, b) => Number(a) > Number(b),
  ge: (a, b) => Number(a) >= Number(b),
  len: (arg) => (isMap(arg) ? Object.keys(arg).length : Array.isArray(arg) ? arg.length : textOf(arg).length),
  index: (of, ...keys) => keys.reduce((value: Value, key) => fieldOf(value, String(key)), of),
  default: (absent, value) => (isTrue(value) ? value : absent),
  empty: (arg) => !isTrue(arg),
  coalesce: (...args) => args.find(isTrue),
  ternary: (yes, no, condition) => (isTrue(condition) ? yes : no),
  list: (...args) => args,
  concat: (...lists) => lists.flatMap(listOf),
  has: (item, list) => listOf(list).includes(item),
  dict: (...args) => {
    const pairs: [string, Value][] = [];
    for (let i = 0; i < args.length; i += 2) pairs.push([textOf(args[i]), args[i + 1]]);
    return Object.fromEntries(pairs);
  },
  hasKey: (map, key) => isMap(map) && textOf(key) in map,
  merge: (...maps) => Object.assign({}, ...[...maps].reverse()),
  keys: (map) => (isMap(map) ? Object.keys(map) : []),
  join: (separator, list) => listOf(list).map(textOf).join(textOf(separator)),
  quote: (...args) =>
    args
      .filter((arg) => arg != null)
      .map((arg) => JSON.stringify(textOf(arg)))
      .join(' '),
  squote: (...args) =>
    args
      .filter((arg) => arg != null)
      .map((arg) => `'${textOf(arg)}'`)
      .join(' '),
  toString: (arg: Value) => textOf(arg),
  int: (arg) => Math.trunc(Number(arg) || 0),
  add: (...args) => args.reduce((sum: number, arg) => sum + Math.trunc(Number(arg)), 0),
  mul: (...args) => args.reduce((product: number, arg) => product * Math.trunc(Number(arg)), 1),
  lower: (arg) => textOf(arg).toLowerCase(),
  upper: (arg) => textOf(arg).toUpperCase(),
  trim: (arg) => textOf(arg).trim(),
  trunc: (length, arg) => textOf(arg).slice(0, Number(length)),
  trimSuffix: (suffix, arg) =>
    textOf(arg).endsWith(textOf(suffix)) ? textOf(arg).slice(0, -textOf(suffix).length || undefined) : arg,
  trimPrefix: (prefix, arg) =>
    textOf(arg).startsWith(textOf(prefix)) ? textOf(arg).slice(textOf(prefix).length) : arg,
  replace: (old, by, arg) => textOf(arg).replaceAll(textOf(old), textOf(by)),
  contains: (part, arg) => textOf(arg).includes(textOf(part)),
  hasPrefix: (prefix, arg) => textOf(arg).startsWith(textOf(prefix)),
  hasSuffix: (suffix, arg) => textOf(arg).endsWith(textOf(suffix)),
  indent: (spaces, arg) => indented(Number(spaces), textOf(arg)),
  nindent: (spaces, arg) => `\n${indented(Number(spaces), textOf(arg))}`,
  toYaml: (arg) => stringify(arg ?? null, { lineWidth: 0 }).trimEnd(),
  toJson: (arg) => JSON.stringify(arg ?? null),
  b64enc: (arg) => Buffer.from(textOf(arg)).toString('base64'),
  print: (...args) => args.map(textOf).join(''),
  printf,
};

function printf(format: Value, ...args: readonly Value[]): string {
  let next = 0;
  return textOf(format).replace(/%([sdvq%])/g, (_match, verb: string) => {
    if (verb === '%') return '%';
    const arg = args[next++];
    return verb === 'q' ? JSON.stringify(textOf(arg)) : textOf(arg);
  });
}

/** Go's truth: empty values are false. */
export function isTrue(value: Value): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isMap(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** The text of a value. */
export function textOf(value: Value): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** A field of a map or an item of a list; undefined if there is none, or the value is neither. */
export function fieldOf(value: Value, name: string): Value {
  if (Array.isArray(value)) return value[Number(name)];
  return isMap(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

export function isMap(value: Value): value is { readonly [key: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(value: Value): readonly Value[] {
  return Array.isArray(value) ? value : [];
}

function indented(spaces: number, text: string): string {
  const room = ' '.repeat(spaces);
  return room + text.replaceAll('\n', `\n${room}`);
}
