import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { listNumbers } from './list-numbers.js';
import { SyscallError } from './syscall-error.js';

const directory = (context: { after: (body: () => void) => void }) => {
  const path = mkdtempSync(join(tmpdir(), 'ordeal-numbers-'));
  context.after(() => rmSync(path, { recursive: true }));
  return path;
};

test('all numbers of a directory that takes several reads, and nothing else', (context) => {
  const path = directory(context);
  const numbers = Array.from({ length: 3000 }, (_, index) => index * 7);
  for (const number of numbers) writeFileSync(join(path, String(number)), '');
  for (const name of ['self', '12a', 'a12', '-3', '1.5', ' 8']) mkdirSync(join(path, name));
  assert.deepEqual(
    listNumbers(path).sort((one, other) => one - other),
    numbers,
  );
});

test('this process is among all', () => {
  assert.ok(listNumbers('/proc').includes(process.pid));
});

test('a directory that is not there', (context) => {
  const path = join(directory(context), 'none');
  assert.throws(() => listNumbers(path), SyscallError);
});
