import { OrdealError } from '@ordeal/diagnostics';
import { fault, type Parsed, read } from '../parsed.js';

/** Every way to choose targets among the pods that match. */
export const MODES = ['one', 'all', 'fixed', 'fixed-percent', 'random-max-percent'] as const;

/** How many of the matching pods are targets. */
export type Mode = (typeof MODES)[number];

/** Whether a mode needs a `value`. */
export function modeNeedsValue(mode: Mode): boolean {
  return mode !== 'one' && mode !== 'all';
}

/** Reads the `value` of a mode: a count of at least 1, or a percentage of 1 to 100. */
export function parseModeValue(mode: Mode, value: string): Parsed<number> {
  const percent = mode !== 'fixed';
  const expected = percent ? 'a whole percentage of 1 to 100' : 'a count of at least 1';
  const wrong = `'${value}' is not ${expected}, which mode ${mode} needs`;
  const bare = /^(\d+) ?%$/.exec(value)?.[1];
  if (percent && bare) return fault(0, value.length, wrong, `write "${bare}"`);
  if (!/^\+?\d{1,9}$/.test(value)) return fault(0, value.length, wrong);
  const number = Number(value);
  return number < 1 || (percent && number > 100) ? fault(0, value.length, wrong) : read(number);
}

/**
 * Chooses targets among `n` matching pods.
 *
 * @param value as in the document; ignored for `one` and `all`
 * @param random uniform in [0, 1)
 * @returns indices below `n` without repetition: ascending for `all`, otherwise in random order. Empty when `n` is 0,
 *   and when `random-max-percent` draws 0 percent.
 * @throws OrdealError ORD-118 when the value does not fit the mode
 */
export function chooseTargets(
  n: number,
  mode: Mode,
  value: string | undefined,
  random: () => number,
): number[] {
  if (mode === 'all') return Array.from({ length: n }, (_, index) => index);
  return sample(n, Math.min(n, countOf(n, mode, value, random)), random);
}

function countOf(n: number, mode: Mode, value: string | undefined, random: () => number): number {
  if (mode === 'one') return 1;
  const parsed = parseModeValue(mode, value ?? '');
  if (!parsed.ok) throw new OrdealError('ORD-118', `value: ${parsed.fault.message}`);
  if (mode === 'fixed') return parsed.value;
  // The percentage of random-max-percent is drawn from 0 to the value, both included.
  const percent = mode === 'fixed-percent' ? parsed.value : below(parsed.value + 1, random);
  return Math.ceil((n * percent) / 100);
}

/** `count` of `n` indices, by the first steps of a Fisher-Yates shuffle. */
function sample(n: number, count: number, random: () => number): number[] {
  const indices = Array.from({ length: n }, (_, index) => index);
  for (let i = 0; i < count; i++) {
    const j = i + below(n - i, random);
    const moved = indices[i] as number;
    indices[i] = indices[j] as number;
    indices[j] = moved;
  }
  return indices.slice(0, count);
}

function below(limit: number, random: () => number): number {
  return Math.min(limit - 1, Math.floor(random() * limit));
}
