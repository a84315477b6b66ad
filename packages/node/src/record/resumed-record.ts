import { truncateSync } from 'node:fs';
import { asJson, type OrdealError } from '@ordeal/diagnostics';
import type { RunEvent } from '../run-event.js';
import { RecordFile, unwritable } from './record-file.js';
import { readWritten, type WrittenRecord } from './written-record.js';

/** The record of a process that died, written on by its successor. Its owner closes it. */
export class ResumedRecord {
  readonly #file: RecordFile;
  readonly #written: WrittenRecord;

  /** Goes on behind the last whole line. @throws OrdealError ORD-902 */
  static open(path: string): ResumedRecord {
    try {
      const written = readWritten(path);
      truncateSync(path, written.size);
      return new ResumedRecord(new RecordFile(path, undefined), written);
    } catch (error) {
      throw unwritable(path, error);
    }
  }

  private constructor(file: RecordFile, written: WrittenRecord) {
    this.#file = file;
    this.#written = written;
  }

  hear(event: RunEvent): void {
    const { armed, faults, ended } = this.#written;
    // What the dead process had written, and had not acknowledged, comes again.
    if (event.type === 'io-fault' && faults.delete(asJson(event))) return;
    if (event.type === 'armed') {
      const before = armed.delete(event.experiment);
      if (before && !event.adopted) this.#miss([event.experiment]);
    }
    if (event.type === 'run-ended') {
      if (armed.size > 0) this.#miss([...armed]);
      if (ended) return;
    }
    this.#file.hear(event);
  }

  /** See {@link RecordFile.failure}. */
  get failure(): OrdealError | undefined {
    return this.#file.failure;
  }

  /** Does nothing the second time. */
  close(): void {
    this.#file.close();
  }

  /** Nobody has taken over the faults of these: the last ones were not reported. */
  #miss(experiments: readonly string[]): void {
    this.#file.hear({
      type: 'io-faults-dropped',
      at: new Date().toISOString(),
      experiments,
      count: undefined,
    });
  }
}
