import { isPrivate, readPagemap } from './pagemap.js';

/** A run of pages. */
export interface PageRange {
  readonly start: bigint;
  readonly length: number;
}

/**
 * The pages of a private mapping that differ from the file because the process wrote to them. Valid while the process
 * is stopped.
 */
export function privatePages(pid: number, start: bigint, end: bigint, pageSize: number): PageRange[] {
  return joinPages(readPagemap(pid, start, end), start, pageSize);
}

/** Joins neighbouring private pages of a pagemap into ranges. */
export function joinPages(entries: BigUint64Array, start: bigint, pageSize: number): PageRange[] {
  const ranges: PageRange[] = [];
  let first: number | undefined;
  for (let page = 0; page <= entries.length; page++) {
    if (isPrivate(entries[page] ?? 0n)) first ??= page;
    else if (first !== undefined) {
      ranges.push({ start: start + BigInt(first * pageSize), length: (page - first) * pageSize });
      first = undefined;
    }
  }
  return ranges;
}
