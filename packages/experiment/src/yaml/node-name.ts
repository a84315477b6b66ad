import { isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';

const MAX_SHOWN = 40;

/** A description of a node, for "expected a list, found …". */
export function nodeName(node: Node): string {
  if (isMap(node)) return 'a map';
  if (isSeq(node)) return 'a list';
  if (isAlias(node)) return 'an alias';
  if (!isScalar(node) || node.value === null) return 'nothing';
  const { value } = node;
  if (typeof value === 'string') return `the text ${JSON.stringify(shorten(value))}`;
  if (typeof value === 'boolean') return `the boolean ${value}`;
  return `the number ${node.source ?? String(value)}`;
}

/** A number as written in the document; undefined for every other value. */
export function numberAsWritten(node: Node): string | undefined {
  const isNumber = isScalar(node) && ['number', 'bigint'].includes(typeof node.value);
  return isNumber ? (node.source ?? String(node.value)) : undefined;
}

/** A value as a message quotes it: never longer than a line. */
export function shorten(text: string): string {
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN - 1)}…`;
}
