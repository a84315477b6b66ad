import { isAlias, type Node } from 'yaml';
import { nodeName } from '../yaml/node-name.js';
import type { Spot } from './spot.js';

/** Reports a value of another type than expected. Aliases are silent: the check of the tree reports each of them. */
export function reportMismatch(node: Node, spot: Spot, expected: string, hint?: string): void {
  if (isAlias(node)) return;
  const message = `${spot.label}: expected ${expected}, found ${nodeName(node)}`;
  spot.report({ code: 'ORD-106', message, ...(hint === undefined ? {} : { hint }) });
}
