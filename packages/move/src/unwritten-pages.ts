import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type Fd, pageSize } from '@ordeal/linux';
import type { OldMapping } from './mapping-survey.js';
import { frameOf, isPresent, readPagemap } from './pagemap.js';
import { writeWhole } from './write-whole.js';

/** KPF_DIRTY and KPF_WRITEBACK: include/uapi/linux/kernel-page-flags.h */
const UNWRITTEN = (1n << 4n) | (1n << 8n);
const FLAGS_SIZE = 8;

/**
 * Which pages are saved: those that the kernel has not written back, or all that differ from the file, if it may have
 * tried and failed since (it retries every few seconds, and then clears the dirty flag).
 */
export type Rescue = 'unwritten' | 'differing';

/**
 * Data that was written through shared mappings and never reached a server that has died. Such pages stay in the page
 * cache as long as they are mapped, and are saved to the file on the new side.
 *
 * A page that is not mapped any more is not found: the kernel writes a file back when it is unmapped. Before Linux
 * 6.16 pages under writeback are not marked.
 */
export class UnwrittenPages {
  readonly #rescue: Rescue;
  /** Numbers of pages by the file's inode on the old side. */
  readonly #noted = new Map<bigint, Set<number>>();

  constructor(rescue: Rescue) {
    this.#rescue = rescue;
  }

  /**
   * Records what has not been written yet. To be called while the connection to the dead server still exists: when it
   * ends, pages under writeback count as written. Blocks no process and sends no request.
   */
  note(pid: number, mapping: OldMapping): void {
    if (this.#rescue === 'differing') return;
    const inode = BigInt(mapping.inode);
    const noted = this.#noted.get(inode) ?? new Set();
    for (const page of unwrittenPages(pid, mapping)) noted.add(page);
    this.#noted.set(inode, noted);
  }

  /**
   * Writes the pages of a stopped process to the file, never beyond its end.
   *
   * @returns how many bytes differed
   * @throws an error of node:fs
   */
  save(pid: number, mapping: OldMapping, file: Fd): number {
    const size = pageSize();
    const first = Number(mapping.offset) / size;
    const end = fstatSync(file.number).size;
    const memory = openSync(`/proc/${pid}/mem`, 'r');
    const [page, stored] = [Buffer.alloc(size), Buffer.alloc(size)];
    let saved = 0;
    try {
      for (const number of this.#candidates(pid, mapping)) {
        const position = number * size;
        const length = Math.min(size, end - position);
        if (length <= 0) break;
        const address = Number(mapping.start) + (number - first) * size;
        if (readSync(memory, page, 0, length, address) !== length) continue;
        const found = readSync(file.number, stored, 0, length, position);
        if (page.compare(stored, 0, found, 0, length) === 0) continue;
        writeWhole(file.number, page.subarray(0, length), position);
        saved += length;
      }
    } finally {
      closeSync(memory);
    }
    return saved;
  }

  *#candidates(pid: number, mapping: OldMapping): Generator<number> {
    if (this.#rescue === 'differing') return yield* presentPages(pid, mapping);
    const noted = this.#noted.get(BigInt(mapping.inode));
    const now = new Set(unwrittenPages(pid, mapping));
    for (const page of presentPages(pid, mapping)) if (now.has(page) || noted?.has(page)) yield page;
  }
}

/** Whether writes through a mapping reach its file, or once did. */
export function mayHoldUnwritten(mapping: OldMapping): boolean {
  return mapping.shared && (mapping.writable || mapping.flags.has('mw'));
}

/** The numbers, in the file, of the pages that the process has mapped, in order. */
function* presentPages(pid: number, mapping: OldMapping): Generator<number> {
  const first = Number(mapping.offset) / pageSize();
  for (const [index, entry] of readPagemap(pid, mapping.start, mapping.end).entries()) {
    if (isPresent(entry)) yield first + index;
  }
}

function* unwrittenPages(pid: number, mapping: OldMapping): Generator<number> {
  const first = Number(mapping.offset) / pageSize();
  const flags = openSync('/proc/kpageflags', 'r');
  const bytes = new Uint8Array(FLAGS_SIZE);
  const [word] = [new BigUint64Array(bytes.buffer)];
  try {
    for (const [index, entry] of readPagemap(pid, mapping.start, mapping.end).entries()) {
      if (!isPresent(entry)) continue;
      readSync(flags, bytes, 0, FLAGS_SIZE, frameOf(entry) * FLAGS_SIZE);
      if (((word[0] ?? 0n) & UNWRITTEN) !== 0n) yield first + index;
    }
  } finally {
    closeSync(flags);
  }
}
