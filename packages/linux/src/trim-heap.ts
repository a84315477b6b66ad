import koffi from 'koffi';

const trim = malloc();

/** Gives what malloc(3) holds free back to the system; does nothing where the C library cannot (musl). */
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
