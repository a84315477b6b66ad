import { isScalar } from 'yaml';
import { MAX_ERRNO, parseErrno } from '../io/errno.js';
import { integer } from '../schema/integer.js';
import { inLanguage } from '../schema/scalar.js';
import type { Shape } from '../schema/shape.js';

const byName = inLanguage('the name of an error', 'ORD-124', parseErrno);
const byNumber = integer({ min: 0, max: MAX_ERRNO });

/** An error as a number or a name; its value is the number. */
export const errnoShape: Shape<number> = {
  structure: { type: 'integer-or-string' },
  read(node, spot) {
    const named = isScalar(node) && typeof node.value === 'string';
    return (named ? byName : byNumber).read(node, spot);
  },
};
