import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Glob, IOChaosSpec } from '@ordeal/experiment';
import { ioSummary, movedWords } from './io-summary.js';

const spec = (fields: Partial<IOChaosSpec>) =>
  ({ methods: [], volumePath: '/data', ...fields }) as unknown as IOChaosSpec;

test('a document is described', () => {
  const words = (fields: Partial<IOChaosSpec>) => ioSummary(spec(fields));
  assert.equal(
    words({ action: 'latency', delay: 100_000_000n, methods: ['write'] }),
    'write under /data becomes 100ms slower',
  );
  assert.equal(
    words({ action: 'latency', delay: 100_000_000n, jitter: 20_000_000n, methods: ['read', 'write'] }),
    'read, write under /data become 100ms ± 20ms slower',
  );
  assert.equal(
    words({ action: 'latency', stall: { for: 10_000_000_000n, every: 60_000_000_000n } }),
    'every request under /data pauses for 10s every 1m0s',
  );
  assert.equal(
    words({ action: 'latency', histogram: [{ upTo: 1_000_000n, weight: 1 }] }),
    'every request under /data becomes up to 1ms slower',
  );
  assert.equal(
    words({ action: 'limit', limit: { bytesPerSecond: 1024, operationsPerSecond: 1 } }),
    'every request under /data is limited to 1024 bytes and 1 request a second',
  );
  assert.equal(
    words({ action: 'capacity', capacity: { bytes: 1024, errno: 'ENOSPC' } }),
    'files under /data fail with ENOSPC once they have grown by 1024 bytes',
  );
  assert.equal(words({ action: 'fault', errno: 5 }), 'every request under /data fails with EIO');
  assert.equal(
    words({ action: 'fault', errno: 28, methods: ['read', 'open'] }),
    'read, open under /data fail with ENOSPC',
  );
  assert.equal(
    words({ action: 'fault', errno: 5, methods: ['fsync'], unsynced: 'lose' }),
    'fsync under /data fails with EIO, and fsync loses what was not synced',
  );
  assert.equal(words({ action: 'attrOverride' }), 'files under /data show other attributes');
});

test('a document for some paths names them', () => {
  const words = (pattern: string, fields: Partial<IOChaosSpec> = { action: 'fault', errno: 5 }) =>
    ioSummary(spec({ ...fields, path: { pattern } as Glob }));
  assert.equal(words('/data/log*'), 'every request to /data/log* fails with EIO');
  assert.equal(
    words('/data/**', { action: 'attrOverride' }),
    'files matching /data/** show other attributes',
  );
  assert.equal(words('/srv/**'), 'no request under /data matches: no path there matches /srv/**');
});

test('a pattern that no file matches now says so', () => {
  const path = { pattern: '/data/wal*' } as Glob;
  const words = (fields: Partial<IOChaosSpec>, matched?: boolean) =>
    ioSummary(spec({ path, ...fields }), matched);
  const slow: Partial<IOChaosSpec> = { action: 'latency', delay: 1_000_000_000n };
  assert.equal(
    words(slow, false),
    'no file matches /data/wal* now; if one appears, every request to it becomes 1s slower',
  );
  assert.equal(
    words({ action: 'attrOverride' }, false),
    'no file matches /data/wal* now; if one appears, it shows other attributes',
  );
  assert.equal(words(slow, true), 'every request to /data/wal* becomes 1s slower');
  assert.equal(words(slow, undefined), words(slow, true));
});

test('the moved files are described', () => {
  const process = { pid: 7, threads: 1, directories: 0, mappings: 0, savedBytes: 0, ended: false };
  assert.equal(movedWords([]), 'nothing was open');
  assert.equal(
    movedWords([{ ...process, descriptors: 1, stopsMs: [0.61] }]),
    '1 open file of 1 process moved, stopped for at most 0.6 ms',
  );
  assert.equal(
    movedWords([
      { ...process, descriptors: 1, stopsMs: [0.61, 2] },
      { ...process, descriptors: 3, stopsMs: [1] },
    ]),
    '4 open files of 2 processes moved, stopped for at most 2.0 ms',
  );
});
