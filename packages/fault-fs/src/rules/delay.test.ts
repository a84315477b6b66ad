import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { seededRandom } from '../random.js';
import { Delay, type Spread } from './delay.js';

const DRAWS = 20_000;
const MEAN = 100;

function draw(spread: Spread, seed: number, milliseconds = MEAN): number[] {
  const delay = new Delay({ milliseconds, spread });
  const random = seededRandom(seed);
  return Array.from({ length: DRAWS }, () => delay.next(random, 0));
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values: readonly number[]) => {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
};
const near = (value: number, wanted: number, tolerance: number, what: string) =>
  assert.ok(Math.abs(value - wanted) <= tolerance, `${what}: ${value} instead of ${wanted}`);

/** How much each value is like the one before it, by ranks, so that rare long delays do not decide. */
function likeness(values: readonly number[]): number {
  const order = values.map((_, index) => index).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = new Array<number>(values.length);
  for (const [rank, index] of order.entries()) ranks[index] = rank - values.length / 2;
  return mean(ranks.slice(1).map((rank, index) => rank * (ranks[index] ?? 0))) / deviation(ranks) ** 2;
}

const SEEDS = [1, 2, 3];
const CORRELATIONS = [0, 0.5, 0.9];

test('delays are spread as the distribution says, whatever their correlation', () => {
  for (const seed of SEEDS) {
    for (const correlation of CORRELATIONS) {
      const wide = correlation === 0.9 ? 3 : 1;
      const uniform = draw({ jitter: 10, correlation }, seed);
      near(mean(uniform), MEAN, 0.3 * wide, 'mean of uniform');
      near(deviation(uniform), 10 / Math.sqrt(3), 0.2 * wide, 'deviation of uniform');
      assert.ok(uniform.every((value) => value >= 90 && value <= 110));
      const normal = draw({ jitter: 10, distribution: 'normal', correlation }, seed);
      near(mean(normal), MEAN, 0.5 * wide, 'mean of normal');
      near(deviation(normal), 10, 0.3 * wide, 'deviation of normal');
      const within = normal.filter((value) => Math.abs(value - MEAN) < 10).length / DRAWS;
      near(within, 0.683, 0.02 * wide, 'within one deviation');
      const pareto = draw({ jitter: 10, distribution: 'pareto', correlation }, seed);
      near(mean(pareto), MEAN, 0.5 * wide, 'mean of pareto');
      // Quantiles, since the variance converges slowly: the median, and the delay that one in a hundred exceeds.
      const sorted = pareto.toSorted((a, b) => a - b);
      const at = (part: number) => ((sorted[Math.floor(DRAWS * part)] ?? 0) - MEAN) / 10;
      near(at(0.5), (2 ** (1 / 3) - 1.5) / Math.sqrt(0.75), 0.03 * wide, 'median of pareto');
      near(at(0.99), (100 ** (1 / 3) - 1.5) / Math.sqrt(0.75), 0.5 * wide, 'rare delays of pareto');
    }
  }
});

test('a delay is like the one before it as the correlation says', () => {
  for (const seed of SEEDS) {
    for (const distribution of ['uniform', 'normal', 'pareto'] as const) {
      for (const correlation of CORRELATIONS) {
        // Of ranks, for normally distributed numbers: Pearson's formula.
        const wanted = (6 / Math.PI) * Math.asin(correlation / 2);
        near(likeness(draw({ jitter: 10, distribution, correlation }, seed)), wanted, 0.03, distribution);
      }
    }
  }
});

test('each part of a histogram is drawn as often as it weighs', () => {
  const histogram = [
    { upTo: 1, weight: 90 },
    { upTo: 2, weight: 0 },
    { upTo: 50, weight: 10 },
  ];
  for (const seed of SEEDS) {
    const values = draw({ histogram }, seed, 0);
    near(values.filter((value) => value < 1).length / DRAWS, 0.9, 0.01, 'the first part');
    near(mean(values.filter((value) => value < 1)), 0.5, 0.01, 'the middle of the first part');
    assert.ok(values.every((value) => value < 1 || (value >= 2 && value <= 50)));
  }
});

test('no delay is negative or endless', () => {
  const distribution = fc.constantFrom('uniform' as const, 'normal' as const, 'pareto' as const);
  const roll = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const about = fc.double({ min: 0, max: 1e6, noNaN: true });
  const part = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(about, about, distribution, part, fc.array(roll, { minLength: 8 }), (...all) => {
      const [milliseconds, jitter, shape, correlation, rolls] = all;
      const delay = new Delay({ milliseconds, spread: { jitter, distribution: shape, correlation } });
      let at = 0;
      const random = () => rolls[at++ % rolls.length] ?? 0;
      for (let count = 0; count < 4; count++) {
        const value = delay.next(random, 0);
        assert.ok(value >= 0 && value <= milliseconds + 300 * jitter, `${value}`);
      }
    }),
  );
});

test('a pause ends for all at once, and comes again', () => {
  const stall = { for: 10, every: 60 };
  const pauses = new Delay({ milliseconds: 0, stall });
  const random = () => assert.fail('nothing is drawn');
  assert.deepEqual(
    [0, 4, 9, 10, 59, 60, 125].map((since) =>
      pauses.applies(since) ? pauses.next(random, since) : undefined,
    ),
    [10, 6, 1, undefined, undefined, 10, 5],
  );
  const slow = new Delay({ milliseconds: 5, stall });
  assert.deepEqual(
    [4, 30].map((since) => slow.next(random, since)),
    [11, 5],
  );
});
