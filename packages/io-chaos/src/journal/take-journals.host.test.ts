import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { bootId } from '@ordeal/linux';
import { recoverInjections } from '../recovery/recover-injections.js';
import { formatJournal } from './journal.js';
import { JournalFile } from './journal-file.js';

const run = mkdtempSync(join(tmpdir(), 'ordeal-run-'));
const directory = join(run, 'io');
beforeEach(() => mkdirSync(directory, { recursive: true }));
afterEach(() => rmSync(run, { recursive: true, force: true }));

/** Of an injection whose mount namespace is gone: there is nothing to take back. */
const gone = {
  id: '1-a',
  boot: bootId(),
  keeper: { pid: 1, started: 'never' },
  server: undefined,
  descriptorKeeper: undefined,
  mover: undefined,
  namespace: 'mnt:[1]',
  pid: process.pid,
  path: '/volume',
  place: '/volume',
  source: 'ordeal-1-a',
  mounts: [],
  connection: undefined,
  ended: false,
  trustNames: false,
  locksHeld: false,
  rescue: 'unwritten',
} as const;

const inDirectory = (name: string, text: string) => writeFileSync(join(directory, name), text);
const found = () => readdirSync(directory).sort();
const outcomes = async () => (await recoverInjections(run)).map(({ path, outcome }) => [path, outcome]);

test('what was not finished and what an earlier boot left are cleaned up', async () => {
  inDirectory('1-a.json', formatJournal(gone));
  inDirectory('1-a.77-abcd.new', '{"form');
  inDirectory('2-b.json', formatJournal({ ...gone, id: '2-b', boot: 'another' }));
  assert.deepEqual(await outcomes(), [['/volume', 'recovered']]);
  assert.deepEqual(found(), []);
});

test('a draft goes when its writer has died, and not before', async () => {
  // No process has a number above 2^22: PID_MAX_LIMIT, include/linux/threads.h.
  inDirectory(`1-a.${2 ** 22 + 1}-0123abcd.new`, '{"form');
  inDirectory(`2-b.${process.pid}-0123abcd.new`, '{"form');
  assert.deepEqual(await outcomes(), []);
  assert.deepEqual(found(), [`2-b.${process.pid}-0123abcd.new`]);
});

test('a damaged journal is set aside and named, each time', async () => {
  inDirectory('1-a.json', formatJournal(gone).slice(0, 40));
  const [first] = await recoverInjections(run);
  const path = join(directory, '1-a.json.unreadable');
  assert.deepEqual(first, {
    id: '1-a.json.unreadable',
    path,
    pid: undefined,
    outcome: 'unreadable',
    did: ['the journal is kept and cannot be used: it is not JSON'],
  });
  assert.deepEqual(await outcomes(), [[path, 'unreadable']]);
  assert.deepEqual(found(), ['1-a.json.unreadable']);
});

test('a journal of another format and one that cannot be read stay where they are', async () => {
  inDirectory('1-a.json', '{"format": 7}');
  mkdirSync(join(directory, '2-b.json'));
  const results = await recoverInjections(run);
  assert.deepEqual(
    results.map(({ outcome, did }) => [outcome, ...did]),
    ['it has format 7, this version of Ordeal reads 1', 'EISDIR: illegal operation on a directory, read'].map(
      (reason) => ['unreadable', `the journal is kept and cannot be used: ${reason}`],
    ),
  );
  assert.deepEqual(found(), ['1-a.json', '2-b.json']);
});

test('without a free descriptor nothing is removed, and the next recovery does it', async () => {
  inDirectory('1-a.json', formatJournal(gone));
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const limit = (soft: string) => execFileSync('prlimit', ['--pid', `${process.pid}`, `--nofile=${soft}:`]);
  const opened: number[] = [];
  const fill = () => {
    for (;;) opened.push(openSync('/dev/null', 'r'));
  };
  try {
    limit('256');
    assert.throws(fill, /EMFILE/);
    await assert.rejects(recoverInjections(run), { code: 'ORD-716', message: /EMFILE/ });
    // One is enough to list them, not to read one.
    closeSync(opened.pop() ?? -1);
    const [result] = await recoverInjections(run);
    assert.equal(result?.outcome, 'unreadable');
    assert.match(result.did.join(), /EMFILE/);
    assert.deepEqual(found(), ['1-a.json']);
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
    limit(/Max open files +(\d+)/.exec(limits)?.[1] ?? '1024');
  }
  assert.deepEqual(await outcomes(), [['/volume', 'recovered']]);
});

test('journals that cannot be listed are an error', async () => {
  rmSync(directory, { recursive: true });
  writeFileSync(directory, '');
  await assert.rejects(recoverInjections(run), { code: 'ORD-716', message: /ENOTDIR/ });
});

test('a journal is left to whoever has its lock, through all changes, until the end', async () => {
  const file = JournalFile.create(run, gone);
  assert.deepEqual(await outcomes(), [['/volume', 'held']]);
  file.write({ mounts: [1, 2] });
  assert.deepEqual(await outcomes(), [['/volume', 'held']]);
  assert.deepEqual(found(), ['1-a.json']);
  file.close();
  assert.deepEqual(await outcomes(), [['/volume', 'recovered']]);
});

test('the lock ends with its process', async () => {
  inDirectory('1-a.json', formatJournal(gone));
  const path = join(directory, '1-a.json');
  const holder: ChildProcess = spawn('flock', ['--no-fork', path, 'sh', '-c', 'echo; exec sleep inf']);
  if (holder.stdout) await once(holder.stdout, 'data');
  assert.deepEqual(await outcomes(), [['/volume', 'held']]);
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  assert.deepEqual(await outcomes(), [['/volume', 'recovered']]);
});
