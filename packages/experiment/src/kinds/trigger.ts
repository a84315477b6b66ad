import { integer } from '../schema/integer.js';
import { optional } from '../schema/shape.js';
import type { Spot } from '../schema/spot.js';

/** Fields that choose, by their number, which matches get the fault. */
export const triggerFields = {
  after: optional(integer({ min: 0 }), 'The number of matches that are skipped first; none when left out.'),
  every: optional(integer({ min: 1 }), 'Then each n-th match is selected; each one when left out.'),
  times: optional(integer({ min: 0 }), 'The most faults for each target; no limit when 0 or left out.'),
  seed: optional(
    integer({ min: 0 }),
    'Makes the random choice repeatable: with the same seed, the same matches are chosen in every run.',
  ),
};

/** The fields of a trigger that count matches. */
const COUNTED = ['after', 'every', 'times'] as const;

/** Reports the counting fields of a document whose matches a program cannot predict. */
export function warnOfCounts(spot: Spot, why: string): void {
  for (const field of COUNTED) {
    if (!spot.wrote(field)) continue;
    const message = `${field}: ${why}`;
    spot.report({ severity: 'warning', code: 'ORD-130', message }, field);
  }
}

/** Reports a seed where nothing is random. */
export function warnOfSeed(spot: Spot): void {
  if (!spot.wrote('seed')) return;
  const message = 'seed: has no effect, nothing is random here';
  spot.report({ severity: 'warning', code: 'ORD-123', message }, 'seed');
}
