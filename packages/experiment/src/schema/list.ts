import { isSeq, type Node } from 'yaml';
import { reportMismatch } from './mismatch.js';
import { invalid, type Shape } from './shape.js';

/** A list of one kind of value. */
export function list<T>(items: Shape<T>): Shape<readonly T[]> {
  return {
    structure: { type: 'list', items: items.structure },
    read(node, spot) {
      if (!isSeq<Node>(node)) {
        reportMismatch(node, spot, 'a list');
        return invalid;
      }
      const values: T[] = [];
      let whole = true;
      for (const [index, item] of node.items.entries()) {
        const result = items.read(item, spot.item(index, item));
        if (result === invalid) whole = false;
        else values.push(result);
      }
      return whole ? values : invalid;
    },
  };
}
