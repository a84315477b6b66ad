import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { armFaults } from 'ordeal';
import { fullDisk } from './full-disk.mjs';
import { Store } from './store.mjs';

let directory;
let armed;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'store-'));
  new Store(directory).put('name', 'old');
  armed = await armFaults(fullDisk(directory));
});
afterEach(async () => {
  await armed.lift();
  rmSync(directory, { recursive: true });
});

test('a full disk leaves the old value', async () => {
  const store = new Store(directory);
  expect(() => store.put('name', 'new')).toThrow('ENOSPC');
  const { fired } = await armed.lift();
  expect(fired).toBe(1);
  expect(store.get('name')).toBe('old');
  expect(readdirSync(directory)).toEqual(['name']);
});
