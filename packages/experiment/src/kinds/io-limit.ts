import { integer } from '../schema/integer.js';
import { object } from '../schema/object.js';
import { type Infer, optional } from '../schema/shape.js';

const rate = integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

/** `limit` of an IOChaos. */
export const limitShape = object(
  {
    bytesPerSecond: optional(
      rate,
      'The most bytes that are read and written in a second; any when left out.',
    ),
    operationsPerSecond: optional(rate, 'The most requests in a second; any when left out.'),
  },
  (_, spot) => {
    if (spot.wrote('bytesPerSecond') || spot.wrote('operationsPerSecond')) return;
    const hint = 'for example limit: {bytesPerSecond: 1048576}';
    spot.report({ code: 'ORD-119', message: 'limit: needs bytesPerSecond or operationsPerSecond', hint });
  },
);

/** What a volume does at most. */
export interface LimitSpec extends Infer<typeof limitShape> {}
