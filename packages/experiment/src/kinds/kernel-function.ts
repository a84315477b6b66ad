import { isScalar } from 'yaml';
import { parseErrno } from '../io/errno.js';
import { integer } from '../schema/integer.js';
import { inLanguage, stringThat } from '../schema/scalar.js';
import type { Shape } from '../schema/shape.js';
import type { Spot } from '../schema/spot.js';
import { FUNCTION } from './call-chain.js';
import { FAILTYPES, type Failtype } from './failtype.js';

/** The largest error number that a pointer can carry, `MAX_ERRNO` of include/linux/err.h. */
const MAX_KERNEL_ERRNO = 4095;

const byName = inLanguage('the name of an error', 'ORD-124', parseErrno);
const byNumber = integer({ min: 1, max: MAX_KERNEL_ERRNO });

/** An error that a kernel function returns, as a number or a name; its value is the number. */
export const kernelErrnoShape: Shape<number> = {
  structure: { type: 'integer-or-string' },
  read: (node, spot) =>
    (isScalar(node) && typeof node.value === 'string' ? byName : byNumber).read(node, spot),
};

/** The name of a function or a system call. */
export const kernelFunctionShape = stringThat('the name of a kernel function', 'ORD-117', (text) =>
  FUNCTION.test(text) ? undefined : `'${text}' is not the name of a function, for example openat`,
);

/** The interdependent fields of a failKernRequest; unreadable ones are missing. */
interface FaultFields {
  readonly failtype?: Failtype | undefined;
  readonly errno?: number | undefined;
}

/** What fails is a fault type or a function, and only a function has an errno. */
export function checkFault({ failtype }: FaultFields, spot: Spot): void {
  const named = spot.wrote('function');
  if (!named && !spot.wrote('failtype')) {
    const types = Object.entries(FAILTYPES).map(([number, what]) => `${number} ${what}`);
    const message = `${spot.label} needs the field 'failtype' or 'function'`;
    const hint = `failtype: ${types.join(', ')}; or function: openat, errno: EMFILE`;
    spot.report({ code: 'ORD-108', message, hint });
  } else if (named && spot.wrote('failtype')) {
    const message = 'failtype and function exclude each other';
    spot.report({ code: 'ORD-119', message, hint: 'remove one of them' }, 'function');
  } else if (!named && spot.wrote('errno') && failtype !== undefined) {
    const message = 'errno: belongs to function; each failtype has its own error';
    const hint = 'remove it, or write function in place of failtype';
    spot.report({ code: 'ORD-119', message, hint }, 'errno');
  }
}
