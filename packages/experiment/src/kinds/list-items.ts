import { isMap, isScalar, type Node } from 'yaml';
import { list } from '../schema/list.js';
import { object } from '../schema/object.js';
import { anything, oneOf } from '../schema/scalar.js';
import { invalid, optional, required, type Shape } from '../schema/shape.js';
import type { Spot } from '../schema/spot.js';

const node: Shape<Node> = { structure: { type: 'anything' }, read: (each) => each };

const listShape = object({
  apiVersion: required(oneOf(['v1']), 'The version of List: v1.'),
  kind: required(oneOf(['List']), 'What the document is.'),
  metadata: optional(anything(), 'Written by kubectl; not read.'),
  items: required(list(node), 'The documents of the list.'),
});

/**
 * The documents in a `List` of `v1`; undefined for every other document. A list that cannot be read has none, and its
 * problems are reported.
 */
export function listItems(root: Node, spot: Spot): readonly Node[] | undefined {
  const kind = isMap(root) ? root.get('kind', true) : undefined;
  if (!isScalar(kind) || kind.value !== 'List') return undefined;
  const read = listShape.read(root, spot);
  return read === invalid ? [] : read.items;
}
