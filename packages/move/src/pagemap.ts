import { closeSync, openSync, readSync } from 'node:fs';
import { pageSize } from '@ordeal/linux';

/** One 64-bit entry a page, `/proc/PID/pagemap` (Documentation/admin-guide/mm/pagemap.rst). */
const ENTRY_SIZE = 8;
const PRESENT = 1n << 63n;
const SWAPPED = 1n << 62n;
/** The page belongs to the file or to shared memory. If clear, a private mapping has its own copy. */
const FILE_PAGE = 1n << 61n;
/** The number of the page frame; 0 without CAP_SYS_ADMIN. */
const FRAME = (1n << 55n) - 1n;

/** The entries of a range of a process's memory. Valid while it is stopped. */
export function readPagemap(pid: number, start: bigint, end: bigint): BigUint64Array {
  const size = BigInt(pageSize());
  const entries = new BigUint64Array(Number((end - start) / size));
  const bytes = new Uint8Array(entries.buffer);
  const pagemap = openSync(`/proc/${pid}/pagemap`, 'r');
  try {
    const position = (start / size) * BigInt(ENTRY_SIZE);
    for (let done = 0, read = 1; read > 0 && done < bytes.length; done += read) {
      read = readSync(pagemap, bytes, done, bytes.length - done, position + BigInt(done));
    }
  } finally {
    closeSync(pagemap);
  }
  return entries;
}

/** Whether the process has a page in memory here: its own or the file's. */
export function isPresent(entry: bigint): boolean {
  return (entry & PRESENT) !== 0n;
}

/** Whether a private mapping has a page of its own here, in memory or swapped out. */
export function isPrivate(entry: bigint): boolean {
  return (entry & (PRESENT | SWAPPED)) !== 0n && (entry & FILE_PAGE) === 0n;
}

/** Of a page that {@link isPresent}. */
export function frameOf(entry: bigint): number {
  return Number(entry & FRAME);
}
