import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faults } from 'ordeal';
import { afterEach, beforeEach, expect, test } from 'vitest';
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
    expect(() => store.put('name', 'new')).toThrow('ENOSPC');
  });
  expect(fired).toBe(1);
  expect(store.get('name')).toBe('old');
  expect(readdirSync(directory)).toEqual(['name']);
});
