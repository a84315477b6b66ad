import { integer } from '../schema/integer.js';
import { object } from '../schema/object.js';
import { oneOf } from '../schema/scalar.js';
import { defaulted, type Infer, optional } from '../schema/shape.js';

/** `powerLoss` of an IOChaos. */
export const powerLossShape = object({
  lose: defaulted(
    oneOf(['all', 'none', 'random']),
    'all',
    'What a cut takes away of what was not synced: all when left out; random tears writes between sectors.',
  ),
  metadata: defaulted(
    oneOf(['ordered', 'strict']),
    'ordered',
    'Which names survive: ordered as on ext4, XFS and Btrfs, strict as POSIX has it; ordered when left out.',
  ),
  seed: optional(
    integer({ min: 0, max: 2 ** 32 - 1 }),
    'Makes random the same choice each time; drawn and told when left out.',
  ),
  memory: optional(
    integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    'Bytes of old data that are kept in memory; more of it is kept in a file without a name. 128 MiB when left out.',
  ),
});

/** What a cut of the power leaves of what was not synced. */
export interface PowerLossSpec extends Infer<typeof powerLossShape> {}
