import { isScalar } from 'yaml';
import { MAX_ERRNO, parseErrno } from '../io/errno.js';
import { integer } from '../schema/integer.js';
import { inLanguage } from '../schema/scalar.js';
import { invalid, type Shape } from '../schema/shape.js';

const byName = inLanguage('the name of an error', 'ORD-124', parseErrno);
const byNumber = integer({ min: 0, max: MAX_ERRNO });

/** An error as a number or a name; its value is the number. */
export const errnoShape: Shape<number> = {
  structure: { type: 'integer-or-string' },
  read(node, spot) {
    if (!isScalar(node) || typeof node.value !== 'string') return byNumber.read(node, spot);
    const number = byName.read(node, spot);
    if (number === invalid) return invalid;
    const message = `${spot.label}: Chaos Mesh accepts only the number`;
    const hint = `${number} works in both`;
    spot.report({ severity: 'note', code: 'ORD-128', message, hint });
    return number;
  },
};
