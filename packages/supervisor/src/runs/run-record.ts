import { OrdealError } from '@ordeal/diagnostics';
import { RecordFile, ResumedRecord, type RunEvent } from '@ordeal/node';
import type { RunSpec } from './run-spec.js';

/** The record of a detached run: begun when it starts, and resumed by the next supervisor at the first event. */
export class RunRecord {
  readonly #path: string;
  #file: RecordFile | ResumedRecord | undefined;

  /** Writes the first line. @throws OrdealError ORD-902 */
  static begin({ record, seed }: RunSpec): RunRecord | undefined {
    if (!record) return undefined;
    const file = new RecordFile(record.path, { ...record.header, seed });
    file.open();
    return new RunRecord(record.path, file);
  }

  /** That of a supervisor that died. */
  static after({ record }: RunSpec): RunRecord | undefined {
    return record && new RunRecord(record.path, undefined);
  }

  private constructor(path: string, file: RecordFile | undefined) {
    this.#path = path;
    this.#file = file;
  }

  /** @throws OrdealError ORD-902 if it is not complete any more */
  hear(event: RunEvent): void {
    this.#file ??= ResumedRecord.open(this.#path);
    this.#file.hear(event);
    if (event.type === 'run-ended') this.#file.close();
    if (this.#file.failure) throw this.#file.failure;
  }

  /** The next supervisor goes on. */
  leave(): void {
    this.#file?.close();
  }
}

/** @throws OrdealError ORD-858 if another run writes the same record */
export function requireOwnRecord({ name, record }: RunSpec, running: readonly RunSpec[]): void {
  if (!record) return;
  const other = running.find((each) => each.name !== name && each.record?.path === record.path);
  if (other) throw new OrdealError('ORD-858', `The run ${other.name} is being recorded in ${record.path}`);
}

/** @throws OrdealError ORD-858 for a run that has one */
export function refuseRecorded({ name, record }: RunSpec, what: string): void {
  if (!record) return;
  throw new OrdealError('ORD-858', `The run ${name} is being recorded and cannot be ${what}`, {
    hint: `A record is of one run with the same faults from its start to its end: ordeal stop ${name}`,
  });
}
