import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Request } from '@ordeal/fuse';
import { LITTLE_ENDIAN, PageMemory } from '@ordeal/linux';
import { Scratch } from './backing/scratch.js';
import { ChangeRecorder, type Entry, readChangeRecord } from './change-record.js';

/** struct fuse_in_header: len 0, pid 32, 40 bytes in all. */
const [LENGTH_AT, PID_AT, HEADER] = [0, 32, 40];
const TID = 4711;

type Kind = Parameters<ChangeRecorder['begin']>[1];

/** A directory with the files `a` and `b`, and one thread's request that names `names`. */
function withRequest(
  names: readonly string[],
  use: (given: { recorder: ChangeRecorder; request: Request; entries: Entry[]; path: string }) => void,
): void {
  const path = fs.mkdtempSync(join(tmpdir(), 'ordeal-change-'));
  for (const name of ['a', 'b']) fs.writeFileSync(join(path, name), name);
  const directory = fs.openSync(path, 'r');
  const body = Buffer.from(names.map((name) => `${name}\0`).join(''));
  const memory = new PageMemory(4096);
  memory.bytes.set(body, HEADER);
  memory.view.setUint32(LENGTH_AT, HEADER + body.length, LITTLE_ENDIAN);
  memory.view.setUint32(PID_AT, TID, LITTLE_ENDIAN);
  const request = new Request(memory);
  request.load(memory, 0, HEADER + body.length);
  const scratch = new Scratch();
  const recorder = new ChangeRecorder(scratch);
  let at = HEADER;
  const entries = names.map((name) => {
    const entry = { directory, at, length: name.length };
    at += name.length + 1;
    return entry;
  });
  try {
    use({ recorder, request, entries, path });
  } finally {
    recorder.close();
    scratch.close();
    memory.close();
    fs.closeSync(directory);
    fs.rmSync(path, { recursive: true });
  }
}

/** What the record says of a server that is killed before its note that the change is done. */
function toldAfter(kind: Kind, names: readonly string[], change: (path: string) => void): string | undefined {
  let told: string | undefined;
  withRequest(names, ({ recorder, request, entries, path }) => {
    recorder.begin(request, kind, entries[0] as Entry, entries[1]);
    change(path);
    const record = readChangeRecord(process.pid);
    if (record) assert.equal(record.tid, TID);
    told = record && Buffer.from(record.name).toString();
  });
  return told;
}

const nothing = () => undefined;

test('a name that was made, removed or moved shows in its directory', () => {
  assert.equal(
    toldAfter('make', ['new'], (path) => fs.mkdirSync(`${path}/new`)),
    'new',
  );
  assert.equal(
    toldAfter('remove', ['a'], (path) => fs.unlinkSync(`${path}/a`)),
    'a',
  );
  assert.equal(
    toldAfter('move', ['a', 'new'], (path) => fs.renameSync(`${path}/a`, `${path}/new`)),
    'a',
  );
  assert.equal(
    toldAfter('move', ['a', 'b'], (path) => fs.renameSync(`${path}/a`, `${path}/b`)),
    'a',
  );
});

test('two names that changed places are told by their inodes', () => {
  const exchange = (path: string) => {
    fs.renameSync(`${path}/a`, `${path}/c`);
    fs.renameSync(`${path}/b`, `${path}/a`);
    fs.renameSync(`${path}/c`, `${path}/b`);
  };
  assert.equal(toldAfter('move', ['a', 'b'], exchange), 'a');
});

test('what had not been done yet, or had failed, is not told', () => {
  assert.equal(toldAfter('make', ['new'], nothing), undefined);
  assert.equal(toldAfter('make', ['a'], nothing), undefined);
  assert.equal(toldAfter('remove', ['a'], nothing), undefined);
  assert.equal(toldAfter('remove', ['new'], nothing), undefined);
  assert.equal(toldAfter('move', ['a', 'b'], nothing), undefined);
  assert.equal(toldAfter('move', ['new', 'b'], nothing), undefined);
});

test('what is noted as done is told whatever others do, until it is answered', () => {
  withRequest(['new'], ({ recorder, request, entries, path }) => {
    recorder.begin(request, 'make', entries[0] as Entry);
    fs.mkdirSync(`${path}/new`);
    recorder.done();
    fs.rmdirSync(`${path}/new`);
    assert.equal(readChangeRecord(process.pid)?.tid, TID);
    recorder.answered();
    assert.equal(readChangeRecord(process.pid), undefined);
  });
});
