import { readFileSync } from 'node:fs';

/** Kernel addresses differ in their low 47 bits only; counted from here they fit into a double. */
const KERNEL_BASE_HIGH = 0xffff_8000;
const DIGITS = 16;

/**
 * Names the functions that contain kernel addresses, in one pass over `/proc/kallsyms` and without keeping it.
 *
 * @returns for each address the function it lies in; absent for addresses that lie in none (generated code), and for
 *   all where the kernel hides addresses (kptr_restrict, or no privilege)
 */
export function symbolise(
  addresses: Iterable<bigint>,
  text = readFileSync('/proc/kallsyms', 'latin1'),
): Map<bigint, string> {
  const wanted = [...new Set(addresses)].sort((a, b) => (a < b ? -1 : 1));
  const places = Float64Array.from(wanted, (address) =>
    place(Number(address >> 32n), Number(address & 0xffff_ffffn)),
  );
  const starts = new Float64Array(wanted.length).fill(Number.NEGATIVE_INFINITY);
  const names = new Array<string | undefined>(wanted.length);
  for (let at = 0; at >= 0 && at < text.length; ) {
    const end = text.indexOf('\n', at);
    const line = end < 0 ? text.length : end;
    const start = place(
      Number.parseInt(text.slice(at, at + 8), 16),
      Number.parseInt(text.slice(at + 8, at + DIGITS), 16),
    );
    const index = firstNotBelow(places, start);
    const best = starts[index] ?? Number.POSITIVE_INFINITY;
    const code = isCode(text.charCodeAt(at + DIGITS + 1));
    // A symbol of data ends the function before it; at the same address the function counts.
    if (start > best || (start === best && code)) {
      starts[index] = start;
      names[index] = code ? text.slice(at + DIGITS + 3, line).split('\t', 1)[0] : undefined;
    }
    at = end < 0 ? -1 : end + 1;
  }
  return spread(wanted, starts, names);
}

/** A symbol was noted at the first address behind it only; later addresses without a nearer one share it. */
function spread(
  wanted: readonly bigint[],
  starts: Float64Array,
  names: readonly (string | undefined)[],
): Map<bigint, string> {
  const result = new Map<bigint, string>();
  let nearest = Number.NEGATIVE_INFINITY;
  let name: string | undefined;
  wanted.forEach((address, index) => {
    const start = starts[index] ?? Number.NEGATIVE_INFINITY;
    if (start > nearest) [nearest, name] = [start, names[index]];
    // Hidden addresses are all 0, below the kernel's.
    if (name !== undefined && nearest > 0) result.set(address, name);
  });
  return result;
}

/** `t`, `T`, `w` and `W`: text and weak text. */
function isCode(kind: number): boolean {
  return (kind | 0x20) === 0x74 || (kind | 0x20) === 0x77;
}

function place(high: number, low: number): number {
  return (high - KERNEL_BASE_HIGH) * 2 ** 32 + low;
}

function firstNotBelow(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
