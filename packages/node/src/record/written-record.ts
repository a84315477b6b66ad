import { closeSync, openSync, readSync } from 'node:fs';

/** What a process that died has written of a record. */
export interface WrittenRecord {
  /** In bytes, up to the end of the last whole line. */
  readonly size: number;
  /** The last of its I/O faults, as lines. */
  readonly faults: Set<string>;
  /** Experiments that were armed and not lifted. */
  readonly armed: Set<string>;
  /** Whether its run has ended. */
  readonly ended: boolean;
}

/** More faults than could be unacknowledged. */
const REMEMBERED = 16_384;
const CHUNK = 1 << 20;

/** Reads it in pieces, however large it is. @throws if it cannot be read */
export function readWritten(path: string): WrittenRecord {
  const faults = new Set<string>();
  const armed = new Set<string>();
  let size = 0;
  let ended = false;
  for (const bytes of wholeLines(path)) {
    size += bytes.length;
    const line = bytes.toString();
    const type = /^\{"type":"([a-z-]+)"/.exec(line)?.[1];
    if (type === 'io-fault') remember(faults, line);
    if (type === 'armed') armed.add(experimentOf(line));
    if (type === 'lifted') armed.delete(experimentOf(line));
    if (type === 'run-ended') ended = true;
  }
  return { size, faults, armed, ended };
}

function remember(faults: Set<string>, line: string): void {
  faults.add(line);
  if (faults.size <= REMEMBERED) return;
  for (const oldest of faults) {
    faults.delete(oldest);
    break;
  }
}

function experimentOf(line: string): string {
  return (JSON.parse(line) as { readonly experiment: string }).experiment;
}

/** With their newlines. */
function* wholeLines(path: string): Generator<Buffer> {
  const descriptor = openSync(path, 'r');
  try {
    const chunk = Buffer.alloc(CHUNK);
    let rest = Buffer.alloc(0);
    for (;;) {
      const read = readSync(descriptor, chunk);
      if (read === 0) return;
      rest = Buffer.concat([rest, chunk.subarray(0, read)]);
      let begin = 0;
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, begin)) {
        yield rest.subarray(begin, end + 1);
        begin = end + 1;
      }
      rest = rest.subarray(begin);
    }
  } finally {
    closeSync(descriptor);
  }
}
