import * as fs from 'node:fs';
import { LITTLE_ENDIAN, SYS } from '@ordeal/linux';
import { call } from '../conformance/calls.js';
import { flock, OFD_SETLKW, UNLOCK, WRITE } from '../conformance/lock-range.js';

/** What belongs to one stream of the file that all write: not a whole number of pages. */
export const REGION = 10_001;
/** man 2 flock */
const [LOCK_EX, LOCK_UN] = [2, 8];

/**
 * Files of one tree that several streams use at a time, under locks, so that the outcome does not depend on who is
 * first: a file with a region for each, a counter, and a log.
 */
export class SharedFiles {
  readonly #stream: number;
  readonly #regions: number;
  readonly #counter: number;
  readonly #log: number;
  /** How often this stream counted, and how many lines it wrote. */
  counted = 0;
  lines = 0;

  /** Makes the files, once, before the first stream. */
  static create(directory: string): void {
    for (const name of ['regions', 'log']) fs.writeFileSync(`${directory}/${name}`, '');
    fs.writeFileSync(`${directory}/counter`, Buffer.alloc(4));
  }

  /** What is in the files at the end: the same on both sides, and what the streams say that they did. */
  static read(directory: string): { regions: Buffer; counter: number; lines: readonly string[] } {
    return {
      regions: fs.readFileSync(`${directory}/regions`),
      counter: fs.readFileSync(`${directory}/counter`).readUInt32LE(),
      lines: fs.readFileSync(`${directory}/log`, 'latin1').split('\n').slice(0, -1).sort(),
    };
  }

  constructor(directory: string, stream: number) {
    this.#stream = stream;
    this.#regions = fs.openSync(`${directory}/regions`, 'r+');
    this.#counter = fs.openSync(`${directory}/counter`, 'r+');
    this.#log = fs.openSync(`${directory}/log`, 'a');
  }

  /** Writes into the stream's region. @returns what was there */
  exchange(bytes: Uint8Array, at: number): string {
    const start = this.#stream * REGION + at;
    const before = Buffer.alloc(bytes.length);
    this.#locked(this.#regions, start, Math.max(1, bytes.length), () => {
      fs.readSync(this.#regions, before, 0, before.length, start);
      if (bytes.length > 0) call(SYS.pwrite64, this.#regions, bytes, bytes.length, start);
    });
    return before.toString('base64');
  }

  /** Adds one to the counter that all count on. */
  count(): void {
    const cell = Buffer.alloc(4);
    this.#locked(this.#counter, 0, 4, () => {
      fs.readSync(this.#counter, cell, 0, 4, 0);
      new DataView(cell.buffer, cell.byteOffset).setUint32(0, cell.readUInt32LE() + 1, LITTLE_ENDIAN);
      fs.writeSync(this.#counter, cell, 0, 4, 0);
    });
    this.counted++;
  }

  /** Appends a line to the log. */
  log(size: number): void {
    call(SYS.flock, this.#log, LOCK_EX);
    fs.writeSync(this.#log, `${this.#stream} ${this.lines++} ${'.'.repeat(size)}\n`);
    call(SYS.flock, this.#log, LOCK_UN);
  }

  close(): void {
    for (const fd of [this.#regions, this.#counter, this.#log]) fs.closeSync(fd);
  }

  #locked(fd: number, start: number, length: number, action: () => void): void {
    call(SYS.fcntl, fd, OFD_SETLKW, flock(WRITE, start, length));
    try {
      action();
    } finally {
      call(SYS.fcntl, fd, OFD_SETLKW, flock(UNLOCK, start, length));
    }
  }
}
