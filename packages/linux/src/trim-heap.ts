import koffi from 'koffi';

const trim = malloc();

/** Returns free memory of malloc(3) to the system; does nothing if the C library cannot (musl). */
export function trimHeap(): void {
  trim?.(0);
}

function malloc(): ((pad: number) => number) | undefined {
  try {
    return koffi.load(null).func('int malloc_trim(size_t)') as (pad: number) => number;
  } catch {
    return undefined;
  }
}
