import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Journal } from './journal.js';
import { INJECTIONS } from './journal-entry.js';

test('files of a killed writer are removed; those of another one stay', () => {
  const directory = mkdtempSync(join(tmpdir(), 'ordeal-journal-'));
  const journal = new Journal(directory, INJECTIONS);
  try {
    // No process has a number above 2^22: PID_MAX_LIMIT, include/linux/threads.h.
    writeFileSync(join(directory, `a.json.${2 ** 22 + 1}-0123abcd.new`), '{"form');
    const written = `b.json.${process.pid}-0123abcd.new`;
    writeFileSync(join(directory, written), '{"form');
    assert.deepEqual(journal.read(), []);
    assert.deepEqual(readdirSync(directory).sort(), [written, 'lock']);
  } finally {
    journal.close();
    rmSync(directory, { recursive: true });
  }
});
