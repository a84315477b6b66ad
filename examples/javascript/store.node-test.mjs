import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { faults } from 'ordeal';
import { fullDisk } from './full-disk.mjs';
import { Store } from './store.mjs';

let directory;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'store-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

test('a full disk leaves the old value', async () => {
  const store = new Store(directory);
  store.put('name', 'old');
  const { fired } = await faults(fullDisk(directory), () => {
    assert.throws(() => store.put('name', 'new'), { code: 'ENOSPC' });
  });
  assert.equal(fired, 1);
  assert.equal(store.get('name'), 'old');
  assert.deepEqual(readdirSync(directory), ['name']);
});
