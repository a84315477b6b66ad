import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readStat, STAT, statFields } from './process-stat.js';

test('fields have the numbers of the manual, whatever the name contains', () => {
  const fields = statFields('42 (a) R (b\n) S 1 42 42 0 -1 4194304 9\n');
  assert.deepEqual(fields.slice(1, 5), ['42', 'a) R (b\n', 'S', '1']);
  assert.equal(fields[STAT.flags], '4194304');
  assert.equal(fields.at(-1), '9');
});

test('a process and a thread are read, and none that is gone', () => {
  assert.equal(readStat(process.pid)?.[1], String(process.pid));
  assert.equal(readStat(process.pid, process.pid)?.[STAT.state], 'R');
  assert.equal(readStat(2 ** 22 + 1), undefined);
  assert.equal(readStat(process.pid, 2 ** 22 + 1), undefined);
});
