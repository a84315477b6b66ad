import { integer } from '../schema/integer.js';
import { list } from '../schema/list.js';
import { object } from '../schema/object.js';
import { oneOf } from '../schema/scalar.js';
import { checked, type Infer, optional, required } from '../schema/shape.js';
import type { Spot } from '../schema/spot.js';
import { durationShape } from './target.js';

const bucketShape = object({
  upTo: required(
    durationShape,
    'The longest delay of this part; the shortest is that of the part before, or 0.',
  ),
  weight: required(integer({ min: 0 }), 'How many requests of all have such a delay.'),
});

const histogramShape = checked(list(bucketShape), (buckets, spot) => {
  if (buckets.every(({ weight }) => weight === 0)) {
    spot.report({ code: 'ORD-119', message: 'histogram: no part has a weight' });
  }
  for (const [index, { upTo = 0n }] of buckets.entries()) {
    const before = index === 0 ? 0n : (buckets[index - 1]?.upTo ?? 0n);
    if (upTo > before) continue;
    const message = `upTo: is not longer than ${index === 0 ? '0' : 'that of the part before'}`;
    spot.report({ code: 'ORD-119', message }, `[${index}].upTo`);
  }
});

const stallShape = checked(
  object({
    for: required(durationShape, 'How long nothing is answered.'),
    every: required(durationShape, 'How long from the beginning of one pause to that of the next.'),
  }),
  ({ for: pause = 0n, every = 0n }, spot) => {
    if (pause === 0n) spot.report({ code: 'ORD-119', message: 'for: a pause of 0 does nothing' }, 'for');
    else if (pause >= every) {
      const message = 'every: is not longer than for, so the pause would never end';
      spot.report({ code: 'ORD-119', message }, 'every');
    }
  },
);

/** How long requests wait: the fields of action latency. */
export const delayFields = {
  delay: optional(durationShape, 'How long a request waits, for action latency.'),
  jitter: optional(
    durationShape,
    'How far delays lie from delay: at most so far with distribution uniform, else their standard deviation.',
  ),
  correlation: optional(
    integer({ min: 0, max: 100 }),
    'How much a delay is like the one before it, in percent; not at all when left out.',
  ),
  distribution: optional(
    oneOf(['uniform', 'normal', 'pareto']),
    'How delays are spread around delay: uniform when left out; pareto has a few that are very long.',
  ),
  histogram: optional(
    histogramShape,
    'How often which delay is drawn, for action latency, in place of delay: parts in order, as measured on a disk.',
  ),
  stall: optional(
    stallShape,
    'Pauses in which nothing is answered, for action latency: the first begins with the faults.',
  ),
};

/** The fields that say how long requests wait; unreadable ones are missing. */
export interface DelayFields {
  readonly delay?: bigint | undefined;
  readonly jitter?: bigint | undefined;
  readonly correlation?: number | undefined;
  readonly distribution?: string | undefined;
  readonly histogram?: readonly object[] | undefined;
}

/** The rules between the fields of a delay. */
export function checkDelay({ delay, jitter, histogram }: DelayFields, spot: Spot): void {
  const inPlace = spot.wrote('histogram') ? (['delay', 'jitter', 'distribution'] as const) : [];
  for (const field of inPlace) {
    if (!spot.wrote(field)) continue;
    const message = `${field}: histogram takes the place of ${field}`;
    spot.report({ code: 'ORD-119', message, hint: 'leave one of them out' }, field);
  }
  if (histogram !== undefined || spot.wrote('histogram')) return;
  if (jitter && !delay && !spot.wrote('delay')) {
    const message = 'jitter: needs delay, around which delays are spread';
    spot.report({ code: 'ORD-119', message, hint: 'for example delay: 100ms' }, 'jitter');
  }
  for (const field of ['correlation', 'distribution'] as const) {
    if (!spot.wrote(field) || spot.wrote('jitter')) continue;
    const message = `${field}: has no effect without jitter, all delays are the same`;
    spot.report({ severity: 'warning', code: 'ORD-123', message }, field);
  }
}

/** Part of a histogram of delays. */
export interface DelayBucket extends Infer<typeof bucketShape> {}
