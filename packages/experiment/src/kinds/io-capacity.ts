import { integer } from '../schema/integer.js';
import { object } from '../schema/object.js';
import { oneOf } from '../schema/scalar.js';
import { defaulted, type Infer, required } from '../schema/shape.js';

/** `capacity` of an IOChaos. */
export const capacityShape = object({
  bytes: required(
    integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    'How much larger files may become from the beginning of the faults on, all together.',
  ),
  errno: defaulted(
    oneOf(['ENOSPC', 'EDQUOT']),
    'ENOSPC',
    'The error beyond that: no space on the disk (when left out), or in the quota.',
  ),
});

/** How much space a volume has. */
export interface CapacitySpec extends Infer<typeof capacityShape> {}
