import { fault, type Parsed, read } from '../parsed.js';

/** Nanoseconds of each unit of Go's time package; both micro signs, U+00B5 and U+03BC. */
const UNITS: { readonly [unit: string]: bigint } = {
  ns: 1n,
  us: 1_000n,
  '\u00b5s': 1_000n,
  '\u03bcs': 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const LIMIT = 2n ** 63n;
const EXPECTED = 'a duration looks like 300ms, 1.5h or 2h45m (units ns, us, ms, s, m, h)';

/**
 * Reads a duration as Go's `time.ParseDuration` does, its rounding of fractions included. Nanoseconds.
 * `+1.5h30m`, `-2s` and `0` are durations; `10`, `1d` and the empty text are not.
 */
export function parseDuration(text: string): Parsed<bigint> {
  const sign = /^[-+]?/.exec(text)?.[0] ?? '';
  const body = text.slice(sign.length);
  if (body === '0') return read(0n);
  if (body === '') return fault(0, text.length, `'${text}' is not a duration`, EXPECTED);
  let at = sign.length;
  let total = 0n;
  while (at < text.length) {
    const term = parseTerm(text, at);
    if (!term.ok) return term;
    total += term.value.nanoseconds;
    if (total > LIMIT) return tooLong(text);
    at = term.value.end;
  }
  if (sign === '-') return read(-total);
  return total === LIMIT ? tooLong(text) : read(total);
}

interface Term {
  readonly nanoseconds: bigint;
  readonly end: number;
}

/** One number with its unit. */
function parseTerm(text: string, at: number): Parsed<Term> {
  const [number = '', whole = '', fraction = ''] = /^(\d*)(?:\.(\d*))?/.exec(text.slice(at)) ?? [];
  if (whole === '' && fraction === '') {
    return fault(at, 1, `'${text.slice(at)}' does not start with a number`, EXPECTED);
  }
  const start = at + number.length;
  const unit = /^[^.\d]*/.exec(text.slice(start))?.[0] ?? '';
  if (unit === '') return fault(at, number.length, `'${number}' has no unit`, `for example ${number}s`);
  const size = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
  if (size === undefined) return fault(start, unit.length, `'${unit}' is not a unit of time`, EXPECTED);
  const nanoseconds = BigInt(whole) * size + fractionOf(fraction, size);
  if (nanoseconds > LIMIT) return tooLong(text);
  return read({ nanoseconds, end: start + unit.length });
}

/** Go multiplies in double precision and stops reading digits before they overflow an int64. */
function fractionOf(digits: string, size: bigint): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    if (value > (LIMIT - 1n) / 10n) break;
    const next = value * 10n + BigInt(digit);
    if (next > LIMIT) break;
    value = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(value) * (Number(size) / scale)));
}

function tooLong(text: string): Parsed<never> {
  return fault(0, text.length, `'${text}' does not fit into 64 bits of nanoseconds, about 292 years`);
}

/** Writes nanoseconds as Go's `Duration.String` does: `1h15m30.5s`, `1.5ms`, `2µs`, `0s`. */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds < 0n) return `-${formatDuration(-nanoseconds)}`;
  if (nanoseconds === 0n) return '0s';
  if (nanoseconds < 1_000n) return `${nanoseconds}ns`;
  if (nanoseconds < 1_000_000n) return `${decimal(nanoseconds, 1_000n)}\u00b5s`;
  if (nanoseconds < 1_000_000_000n) return `${decimal(nanoseconds, 1_000_000n)}ms`;
  const minute = 60_000_000_000n;
  const minutes = nanoseconds / minute;
  const seconds = `${decimal(nanoseconds % minute, 1_000_000_000n)}s`;
  if (minutes === 0n) return seconds;
  return minutes < 60n ? `${minutes}m${seconds}` : `${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

function decimal(value: bigint, unit: bigint): string {
  const digits = unit.toString().length - 1;
  const fraction = (value % unit).toString().padStart(digits, '0').replace(/0+$/, '');
  return fraction === '' ? `${value / unit}` : `${value / unit}.${fraction}`;
}
