import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunEvent } from '../run-event.js';
import { parseRecord } from './read-record.js';
import { RecordFile } from './record-file.js';
import { RECORD_FORMAT, type RecordHeader } from './record-header.js';
import { ResumedRecord } from './resumed-record.js';

const at = '2026-11-20T12:00:00.000Z';
const versions = { ordeal: '0.1.0', kernel: '6.1.0', node: '22.1.0' };
const header: RecordHeader = {
  ...{ type: 'record', format: RECORD_FORMAT, at, documents: [], flags: {} },
  ...versions,
};
const armed = (adopted = false) =>
  ({ type: 'armed', at, experiment: 'eio', ...(adopted && { adopted }) }) as unknown as RunEvent;
const fault = (match: number) =>
  ({ type: 'io-fault', at, experiment: 'eio', match, method: 'write', path: 'f' }) as unknown as RunEvent;
const ended: RunEvent = { type: 'run-ended', at, exitCode: 0, faults: 3n, endedEarly: false };

/** A record that was cut off in the middle of a line, and what its successors hear. @returns what the file then says */
function resumed(...successors: readonly (readonly RunEvent[])[]) {
  const directory = mkdtempSync(join(tmpdir(), 'ordeal-record-'));
  const path = join(directory, 'run.jsonl');
  try {
    const first = new RecordFile(path, header);
    for (const event of [armed(), fault(1), fault(2)]) first.hear(event);
    first.close();
    appendFileSync(path, '{"type":"io-fault","at":');
    for (const events of successors) {
      const next = ResumedRecord.open(path);
      for (const event of events) next.hear(event);
      next.close();
      assert.equal(next.failure, undefined);
    }
    const { recording, problems } = parseRecord(readFileSync(path, 'utf8'), path);
    const matches = recording?.faults.map(({ match }) => match);
    return { matches, misses: recording?.missesFaults, problems: problems.map(({ code }) => code) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('it goes on behind the last whole line, and what comes again is there once', () => {
  const taken = resumed([armed(true), fault(2), fault(3), ended]);
  assert.deepEqual(taken, { matches: [1, 2, 3], misses: false, problems: [] });
  const twice = resumed([armed(true), fault(3)], [armed(true), fault(3), fault(4), ended]);
  assert.deepEqual(twice, { matches: [1, 2, 3, 4], misses: false, problems: [] });
});

test('where nobody took over the faults, some may be missing', () => {
  assert.equal(resumed([armed(), fault(1), ended]).misses, true);
  assert.deepEqual(resumed([ended]), { matches: [1, 2], misses: true, problems: [] });
});

test('a run that has ended does not end twice', () => {
  const lifted = { type: 'lifted', at, experiment: 'eio' } as unknown as RunEvent;
  const { misses, problems } = resumed([armed(true), lifted, ended], [ended]);
  assert.deepEqual([misses, problems], [false, []]);
});

test('a record that is gone is an error', () => {
  assert.throws(() => ResumedRecord.open('/nonexistent/run.jsonl'), { code: 'ORD-902' });
});
