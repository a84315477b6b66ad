import { closeSync, openSync, readSync } from 'node:fs';

/** One 64-bit entry a page, `/proc/PID/pagemap` (Documentation/admin-guide/mm/pagemap.rst). */
const ENTRY_SIZE = 8;
const PRESENT = 1n << 63n;
const SWAPPED = 1n << 62n;
/** The page is the file's, or shared memory. Where it is clear, a private mapping has a page of its own. */
const FILE_PAGE = 1n << 61n;

/** A run of pages. */
export interface PageRange {
  readonly start: bigint;
  readonly length: number;
}

/**
 * The pages of a private mapping that differ from the file because the process wrote to them. True while the process
 * is stopped.
 */
export function privatePages(pid: number, start: bigint, end: bigint, pageSize: number): PageRange[] {
  const count = Number(end - start) / pageSize;
  const entries = new BigUint64Array(count);
  const pagemap = openSync(`/proc/${pid}/pagemap`, 'r');
  try {
    const bytes = new Uint8Array(entries.buffer);
    const position = (start / BigInt(pageSize)) * BigInt(ENTRY_SIZE);
    for (let done = 0, read = 1; read > 0 && done < bytes.length; done += read) {
      read = readSync(pagemap, bytes, done, bytes.length - done, position + BigInt(done));
    }
  } finally {
    closeSync(pagemap);
  }
  return joinPages(entries, start, pageSize);
}

/** Joins neighbouring private pages of a pagemap into ranges. */
export function joinPages(entries: BigUint64Array, start: bigint, pageSize: number): PageRange[] {
  const ranges: PageRange[] = [];
  let first: number | undefined;
  for (let page = 0; page <= entries.length; page++) {
    const entry = entries[page] ?? 0n;
    const isPrivate = (entry & (PRESENT | SWAPPED)) !== 0n && (entry & FILE_PAGE) === 0n;
    if (isPrivate) first ??= page;
    else if (first !== undefined) {
      ranges.push({ start: start + BigInt(first * pageSize), length: (page - first) * pageSize });
      first = undefined;
    }
  }
  return ranges;
}
