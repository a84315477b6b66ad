import { isAlias, isCollection, isMap, isScalar, type Node } from 'yaml';
import type { Spot } from '../schema/spot.js';
import { nodeName, shorten } from './node-name.js';

/**
 * Reports what YAML allows and an experiment must not have: anchors and aliases (a few of them can stand for
 * gigabytes), keys that are not text, keys written twice. Depth is bounded by the reader.
 */
export function checkTree(node: Node | null, root: Spot): void {
  if (node === null) return;
  if (isAlias(node)) {
    root.reportAt(root.placeOf(node), {
      code: 'ORD-104',
      message: `YAML aliases are not supported (*${shorten(node.source)})`,
      hint: 'write the value out here',
    });
    return;
  }
  if (node.anchor !== undefined) reportAnchor(node, node.anchor, root);
  if (!isCollection(node)) return;
  if (!isMap<Node, Node | null>(node)) {
    for (const item of node.items) checkTree(item as Node | null, root);
    return;
  }
  const seen = new Set<string>();
  for (const { key, value } of node.items) {
    checkKey(key, seen, root);
    checkTree(value, root);
  }
}

function checkKey(key: Node | null, seen: Set<string>, root: Spot): void {
  if (key === null) return;
  if (!isScalar(key) || typeof key.value !== 'string') {
    const written = isScalar(key) ? key.source : undefined;
    root.reportAt(root.placeOf(key), {
      code: 'ORD-104',
      message: `a key must be text, this is ${nodeName(key)}`,
      ...(written ? { hint: `quote it: "${written}"` } : {}),
    });
    checkTree(key, root);
    return;
  }
  if (key.anchor !== undefined) reportAnchor(key, key.anchor, root);
  if (seen.has(key.value)) {
    root.reportAt(root.placeOf(key), {
      code: 'ORD-105',
      message: `'${shorten(key.value)}' appears twice in the same map`,
      hint: 'keep one of them',
    });
  }
  seen.add(key.value);
}

function reportAnchor(node: Node, anchor: string, root: Spot): void {
  root.reportAt(root.placeOf(node), {
    code: 'ORD-104',
    message: `YAML anchors are not supported (&${shorten(anchor)})`,
    hint: 'remove the anchor and write the value out where it is used',
  });
}
