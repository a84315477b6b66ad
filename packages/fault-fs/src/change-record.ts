import { lstatSync } from 'node:fs';
import type { Request } from '@ordeal/fuse';
import { call5, LITTLE_ENDIAN, SYS } from '@ordeal/linux';
import { AT, STATX_INO } from './backing/file-flags.js';
import type { Scratch } from './backing/scratch.js';
import { KeptRecord, readKeptRecord } from './kept-record.js';
import type { InodeNumber } from './nodes/node.js';
import { reached } from './steps.js';

const NAME = 'ordeal-change';
/** NAME_MAX, include/uapi/linux/limits.h. */
const LONGEST_NAME = 255;
/** 32-bit numbers, but for the inode, which has 64 bits; then both names. */
const FIELD = {
  tid: 0,
  state: 4,
  kind: 8,
  inode: 16,
  from: { directory: 24, length: 28, name: 40 },
  to: { directory: 32, length: 36, name: 40 + LONGEST_NAME },
} as const;
const SIZE = Math.ceil((FIELD.to.name + LONGEST_NAME) / 4) * 4;
const [BEGUN, DONE] = [1, 2];
const KINDS = ['make', 'remove', 'move'] as const;

type Kind = (typeof KINDS)[number];

/** A name in a directory. */
export interface Entry {
  /** A descriptor of the server. */
  readonly directory: number;
  /** Where in the request the name stands, of `length` bytes. */
  readonly at: number;
  readonly length: number;
}

/** A name that a server created, removed or changed, and whose caller has no answer yet. */
export interface ChangeRecord {
  /** The thread that made the request. */
  readonly tid: number;
  /** In raw bytes; if there are two, the first one in the request. */
  readonly name: Uint8Array;
}

/**
 * Notes what cannot be done twice with the same result (mkdir, unlink, rename …): before it is done, with the inode that has
 * the name then, and when it is done, until it is answered. One at a time is enough, since the serving thread carries out
 * and answers one after the other.
 */
export class ChangeRecorder {
  readonly #record = new KeptRecord(NAME, SIZE);
  readonly #scratch: Scratch;
  #unanswered = false;

  /** @param scratch of the serving thread. {@link ChangeRecorder.begin} uses its statx */
  constructor(scratch: Scratch) {
    this.#scratch = scratch;
  }

  /**
   * To be called just before the change.
   *
   * @param to where an entry is moved
   * @param inode the number that the name `from` has, 0 for none; asked for where it is not given
   */
  begin(request: Request, kind: Kind, from: Entry, to: Entry = from, inode?: InodeNumber): void {
    const { view } = this.#record;
    this.#record.withdraw();
    view.setUint32(FIELD.state, BEGUN, LITTLE_ENDIAN);
    view.setUint32(FIELD.kind, KINDS.indexOf(kind), LITTLE_ENDIAN);
    view.setBigUint64(FIELD.inode, BigInt(inode ?? this.#inodeOf(request, from)), LITTLE_ENDIAN);
    this.#note(request, from, FIELD.from);
    if (to !== from) this.#note(request, to, FIELD.to);
    this.#record.publish(request.pid);
    this.#unanswered = true;
    reached('changing');
  }

  /** To be called when the change has succeeded. */
  done(): void {
    reached('change made');
    this.#record.view.setUint32(FIELD.state, DONE, LITTLE_ENDIAN);
    reached('changed');
  }

  /** The kernel has the answer to the request that came last. */
  answered(): void {
    if (!this.#unanswered) return;
    this.#unanswered = false;
    this.#record.withdraw();
  }

  close(): void {
    this.#record.close();
  }

  #note(request: Request, entry: Entry, field: typeof FIELD.from | typeof FIELD.to): void {
    const { view } = this.#record;
    const name = request.bytes(entry.at, Math.min(entry.length, LONGEST_NAME));
    view.setUint32(field.directory, entry.directory, LITTLE_ENDIAN);
    view.setUint32(field.length, name.length, LITTLE_ENDIAN);
    new Uint8Array(view.buffer, view.byteOffset + field.name, name.length).set(name);
  }

  /** 0 where there is no such entry. */
  #inodeOf(request: Request, { directory, at, length }: Entry): bigint {
    const { statx, statxAt, view } = this.#scratch;
    const flags = AT.SYMLINK_NOFOLLOW | AT.NO_AUTOMOUNT;
    const name = request.addressOf(at, length + 1);
    if (call5(SYS.statx, directory, name, flags, STATX_INO, statx) < 0) return 0n;
    return view.getBigUint64(statxAt + 32, LITTLE_ENDIAN);
  }
}

/**
 * What a dead server had done without answering. Where it died between the note and the change, or between the change
 * and the next note, the inodes of the names tell whether it was done.
 *
 * @param pid the process that keeps its descriptors
 */
export function readChangeRecord(pid: number): ChangeRecord | undefined {
  const view = readKeptRecord(pid, NAME, SIZE);
  if (!view) return undefined;
  const tid = view.getUint32(FIELD.tid, LITTLE_ENDIAN);
  const done = view.getUint32(FIELD.state, LITTLE_ENDIAN) === DONE;
  if (tid === 0 || !(done || seemsDone(pid, view))) return undefined;
  return { tid, name: nameIn(view, FIELD.from) };
}

/** Where the directory cannot be searched any more, the call is made once more and its caller told what comes of it. */
function seemsDone(pid: number, view: DataView): boolean {
  try {
    return isMade(pid, view);
  } catch {
    return false;
  }
}

function isMade(pid: number, view: DataView): boolean {
  const before = view.getBigUint64(FIELD.inode, LITTLE_ENDIAN);
  const now = inodeNow(pid, view, FIELD.from);
  switch (KINDS[view.getUint32(FIELD.kind, LITTLE_ENDIAN)]) {
    case 'make':
      return before === 0n && now !== 0n;
    case 'remove':
      return before !== 0n && now !== before;
    case 'move':
      return before !== 0n && now !== before && inodeNow(pid, view, FIELD.to) === before;
    default:
      return false;
  }
}

/** 0 where there is no such entry. */
function inodeNow(pid: number, view: DataView, field: typeof FIELD.from | typeof FIELD.to): bigint {
  const directory = `/proc/${pid}/fd/${view.getUint32(field.directory, LITTLE_ENDIAN)}/`;
  const path = Buffer.concat([Buffer.from(directory), nameIn(view, field)]);
  return lstatSync(path, { bigint: true, throwIfNoEntry: false })?.ino ?? 0n;
}

function nameIn(view: DataView, field: typeof FIELD.from | typeof FIELD.to): Uint8Array {
  const length = view.getUint32(field.length, LITTLE_ENDIAN);
  return new Uint8Array(view.buffer, view.byteOffset + field.name, Math.min(length, LONGEST_NAME));
}
