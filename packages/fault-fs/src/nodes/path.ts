import type { Link, Node } from './node.js';

const decoder = new TextDecoder();

/** A name for display: bytes that are not UTF-8 are shown as U+FFFD, so that wildcards still match them. */
export function nameText(name: string): string {
  return decoder.decode(Buffer.from(name, 'latin1'));
}

/**
 * The path in the container: `base` is the volume's path there. `undefined` stands for the root's own (missing) link.
 * The root is `base` itself, never with a slash at its end, except `/`.
 */
export function linkPath(base: string, link: Link | undefined): string {
  const names: string[] = [];
  for (let at = link; at; at = at.parent.current) names.push(nameText(at.name));
  return joinNames(base, names);
}

/** The path of an entry that may not exist yet. */
export function entryPath(base: string, parent: Node, name: string): string {
  const names = [nameText(name)];
  for (let at = parent.current; at; at = at.parent.current) names.push(nameText(at.name));
  return joinNames(base, names);
}

function joinNames(base: string, names: string[]): string {
  if (names.length === 0) return base;
  return `${base === '/' ? '' : base}/${names.reverse().join('/')}`;
}
