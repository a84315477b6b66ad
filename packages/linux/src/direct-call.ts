import koffi from 'koffi';

/**
 * System calls for hot paths: numbers in, a number out, nothing allocated. Memory is passed as an address, so the
 * caller must keep it alive for as long as the kernel may touch it; {@link PageMemory} is made for that.
 *
 * Like {@link trySyscall} they run on the calling thread, block as long as the call does, and return `-errno` if the
 * call failed. A 64-bit value that a number cannot hold exactly may be given as a bigint.
 */
export type DirectArgument = number | bigint;

type Raw = (...args: DirectArgument[]) => number | bigint;

// On x86-64 and arm64 syscall(2) takes everything in registers, so a prototype with fewer arguments is the same call.
const libc = koffi.load(null);
const raw = [1, 2, 3, 4, 5, 6].map(
  (count) =>
    libc.func(
      `long syscall(${Array(count + 1)
        .fill('long')
        .join(', ')})`,
    ) as Raw,
) as [Raw, Raw, Raw, Raw, Raw, Raw];
const [raw1, raw2, raw3, raw4, raw5, raw6] = raw;

/** Results above 2^53 (addresses, offsets in directories) lose their last bits: use {@link exactCall3} for them. */
function settle(result: number | bigint): number {
  if (result === -1) return -koffi.errno();
  return typeof result === 'number' ? result : Number(result);
}

export function call1(number: number, a: DirectArgument): number {
  return settle(raw1(number, a));
}

export function call2(number: number, a: DirectArgument, b: DirectArgument): number {
  return settle(raw2(number, a, b));
}

export function call3(number: number, a: DirectArgument, b: DirectArgument, c: DirectArgument): number {
  return settle(raw3(number, a, b, c));
}

/** Like {@link call3}; a result that a number cannot hold exactly is a bigint. */
export function exactCall3(
  number: number,
  a: DirectArgument,
  b: DirectArgument,
  c: DirectArgument,
): number | bigint {
  const result = raw3(number, a, b, c);
  return result === -1 ? -koffi.errno() : result;
}

export function call4(
  number: number,
  a: DirectArgument,
  b: DirectArgument,
  c: DirectArgument,
  d: DirectArgument,
): number {
  return settle(raw4(number, a, b, c, d));
}

export function call5(
  number: number,
  a: DirectArgument,
  b: DirectArgument,
  c: DirectArgument,
  d: DirectArgument,
  e: DirectArgument,
): number {
  return settle(raw5(number, a, b, c, d, e));
}

export function call6(
  number: number,
  a: DirectArgument,
  b: DirectArgument,
  c: DirectArgument,
  d: DirectArgument,
  e: DirectArgument,
  f: DirectArgument,
): number {
  return settle(raw6(number, a, b, c, d, e, f));
}
