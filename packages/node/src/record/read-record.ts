import type { Problem } from '@ordeal/diagnostics';
import type { ReplayedFaults } from '../run-request.js';
import { jsonErrorAt } from './json-place.js';
import { RECORD_FORMAT, type RecordHeader } from './record-header.js';
import { COUNT, type FieldCheck, OBJECT, optional, POSITIVE, RecordLine, TEXT } from './record-line.js';

/** A fault of a recorded run, as far as replays are compared with it. */
export interface RecordedFault {
  readonly experiment: string;
  readonly match: number;
  readonly method: string;
  readonly path: string;
  readonly offsetBytes?: number | undefined;
  readonly sizeBytes?: number | undefined;
}

/** A run as it was recorded. */
export interface Recording {
  readonly header: RecordHeader;
  readonly faults: readonly RecordedFault[];
  /** What the replay makes happen, by the name of the experiment. */
  readonly replay: ReadonlyMap<string, ReplayedFaults>;
  /** Kernel faults, which have no number. */
  readonly kernelFaults: number;
  /** Whether faults are missing in it. */
  readonly missesFaults: boolean;
  /** Undefined if the record ends before its run did. */
  readonly exitCode: number | undefined;
}

/** A record, and its problems. Without errors there is a recording. */
export interface ReadRecord {
  readonly recording: Recording | undefined;
  readonly problems: readonly Problem[];
}

/** By the type of the line; lines of other types are not used. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, FieldCheck>>>> = {
  armed: { experiment: TEXT, seed: optional(COUNT) },
  'io-fault': {
    ...{ experiment: TEXT, match: POSITIVE, method: TEXT, path: TEXT },
    ...{ offsetBytes: optional(COUNT), sizeBytes: optional(COUNT) },
  },
  'run-ended': { exitCode: COUNT },
};

/** Reads a record; one that was cut off is read up to there, with a warning. Pure. @param file its name in problems */
export function parseRecord(text: string, file: string): ReadRecord {
  const texts = text.split('\n');
  const last = texts.pop() ?? '';
  // A line that was written whole, but for its newline.
  if (last !== '' && texts.length > 0 && jsonErrorAt(last) === undefined) texts.push(last);
  else if (last !== '' && texts.length === 0) texts.push(last);
  const [first = new RecordLine('', file, 1), ...events] = texts.map(
    (line, index) => new RecordLine(line, file, index + 1),
  );
  checkHeader(first);
  const reader = new EventReader();
  for (const line of events) reader.read(line);
  const errors = [first, ...events].flatMap(({ problems }) => problems);
  if (errors.length > 0) return { recording: undefined, problems: errors };
  const recording = reader.recording(first.value as unknown as RecordHeader);
  const cutOff = recording.exitCode === undefined;
  return { recording, problems: cutOff ? [cutWarning(recording, file, Math.max(1, texts.length))] : [] };
}

function checkHeader(line: RecordLine): void {
  if (line.problems.length > 0) return;
  const { type, format } = line.value;
  if (type !== 'record') line.refuse('type', 'this is not the first line of a record', WRITTEN_BY);
  else if (format !== RECORD_FORMAT)
    line.refuse(
      'format',
      `format: expected ${RECORD_FORMAT}, found ${JSON.stringify(format)}`,
      OTHER_VERSION,
    );
  else
    line.check({
      documents: { expected: 'files with their texts', accepts: isDocuments },
      command: optional({ expected: 'words', accepts: isWords }),
      flags: OBJECT,
      seed: optional(COUNT),
    });
}

const OTHER_VERSION = 'another version of Ordeal has written it: replay it with that one';
const WRITTEN_BY = 'ordeal run --record FILE writes records';

class EventReader {
  readonly #faults: RecordedFault[] = [];
  readonly #seeds = new Map<string, number | undefined>();
  #kernelFaults = 0;
  #missesFaults = false;
  #exitCode: number | undefined;

  read(line: RecordLine): void {
    const { value } = line;
    const type = String(value.type);
    line.check(FIELDS[type] ?? {});
    if (line.problems.length > 0) return;
    const experiment = String(value.experiment);
    if (type === 'armed') this.#seeds.set(experiment, value.seed as number | undefined);
    if (type === 'io-fault') this.#readFault(line, experiment);
    if (type === 'fault') this.#kernelFaults++;
    if (type === 'io-faults-dropped') this.#missesFaults = true;
    if (type === 'run-ended') this.#exitCode = value.exitCode as number;
  }

  #readFault(line: RecordLine, experiment: string): void {
    if (this.#seeds.has(experiment)) this.#faults.push(line.value as unknown as RecordedFault);
    else line.refuse('experiment', `experiment: no line before this one says that '${experiment}' was armed`);
  }

  recording(header: RecordHeader): Recording {
    const replay = new Map(
      [...this.#seeds].map(([name, seed]) => {
        const own = this.#faults.filter(({ experiment }) => experiment === name);
        // Where faults are missing, the seed decides.
        const matches = this.#missesFaults ? undefined : own.map(({ match }) => match);
        return [name, { seed, matches }];
      }),
    );
    return {
      header,
      replay,
      faults: this.#faults,
      kernelFaults: this.#kernelFaults,
      missesFaults: this.#missesFaults,
      exitCode: this.#exitCode,
    };
  }
}

function cutWarning({ faults }: Recording, file: string, line: number): Problem {
  return {
    severity: 'warning',
    code: 'ORD-906',
    file,
    place: { line, column: 1, length: 1 },
    message: `the record ends here, before its run did: it is read up to this line, with ${faults.length} I/O faults`,
  };
}

function isDocuments(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every(
      (each: { readonly file?: unknown; readonly text?: unknown } | null) =>
        typeof each?.file === 'string' && typeof each.text === 'string',
    )
  );
}

function isWords(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string');
}
