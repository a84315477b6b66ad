import { integer, wholeNumber } from '../schema/integer.js';
import { invalid, type Shape } from '../schema/shape.js';

/** The fault types and the requests that each one fails. */
export const FAILTYPES = { 0: 'slab', 1: 'page', 2: 'block I/O' } as const;

/** A fault type of KernelChaos: 0 slab, 1 page, 2 block I/O. */
export type Failtype = keyof typeof FAILTYPES;

/** `failtype`. */
export const failtypeShape: Shape<Failtype> = {
  structure: integer({ min: 0, max: 2 }).structure,
  read(node, spot) {
    const value = wholeNumber(node, spot);
    if (value === invalid) return invalid;
    const failtype = Number(value);
    if (failtype === 0 || failtype === 1 || failtype === 2) return failtype;
    const types = Object.entries(FAILTYPES).map(([number, what]) => `${number} ${what}`);
    spot.report({ code: 'ORD-110', message: `failtype: ${value} is not a fault type; ${types.join(', ')}` });
    return invalid;
  },
};
