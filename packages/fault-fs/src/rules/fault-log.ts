import { readFileSync } from 'node:fs';
import type { IoRule } from './io-rule.js';

/** What one rule did to one request. */
export interface IoFault {
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** The rule's place among those of its owner. */
  readonly rule: number;
  /** The number of the request among those that the rule matched, from 1. */
  readonly match: number;
  readonly action: IoRule['action'];
  /** `other` for requests that have no name in documents. */
  readonly method: string;
  /** Relative to the volume; `.` is the volume itself. */
  readonly path: string;
  /** Of reads and writes, in bytes. */
  readonly offset?: number;
  readonly size?: number;
  /** The caller; undefined if the kernel made the request itself. */
  readonly caller: Caller | undefined;
  /** The answer, instead of the operation. */
  readonly errno?: number;
  /** Milliseconds that the request waits at first. */
  readonly delay?: number;
  /** Bytes in the pieces that were overwritten; pieces may overlap. */
  readonly damaged?: number;
}

/** A thread of a program, as processes are numbered here. */
export interface Caller {
  readonly process: number;
  readonly thread: number;
  /** Name of the thread, at most 15 characters. */
  readonly command: string;
}

/** How many faults are queued for the reader, about 1 MB; further ones are only counted. */
export const FAULT_LIMIT = 4096;

/** How many faults of a group are queued for its owner, and how many were dropped. */
export class FaultBacklog {
  #queued = 0;
  #dropped = 0;

  /** Reserves room for one more fault. @returns false if there is none: it is counted as dropped */
  take(): boolean {
    const free = this.#queued < FAULT_LIMIT;
    if (free) this.#queued++;
    else this.#dropped++;
    return free;
  }

  /** Makes room: this many faults are not queued any more. */
  release(faults: number): void {
    this.#queued -= faults;
  }

  /** How many were dropped since the last call. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }
}

/** Reports each fault of a group of rules, as long as there is room for it: no request waits for a slow reader. */
export class FaultLog {
  readonly #backlog: FaultBacklog;
  readonly #report: (fault: IoFault) => void;

  constructor(backlog: FaultBacklog, report: (fault: IoFault) => void) {
    this.#backlog = backlog;
    this.#report = report;
  }

  /** @param describe is called only if there is room */
  add(describe: () => IoFault): void {
    if (this.#backlog.take()) this.#report(describe());
  }
}

/** The thread of this number; undefined where it is gone or the kernel itself. */
export function callerOf(thread: number): Caller | undefined {
  if (thread === 0) return undefined;
  try {
    const status = readFileSync(`/proc/${thread}/status`, 'utf8');
    const field = (name: string) => new RegExp(`^${name}:\t(.*)$`, 'm').exec(status)?.[1] ?? '';
    return { process: Number(field('Tgid')), thread, command: field('Name') };
  } catch {
    return undefined;
  }
}
