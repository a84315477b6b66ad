import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ServedVolume } from '../testing/served-volume.js';
import type { ServerArguments } from '../testing/server.js';
import { SharedFiles } from './shared-files.js';

/** So many processes work on one mount at a time. */
const STREAMS = 4;
/** Of all modes together; see CONTRIBUTING.md. */
const SECONDS = Number(process.env.ORDEAL_STREAM_SECONDS ?? 60);
const SEED = Number(process.env.TEST_SEED ?? Date.now() % 2 ** 30);
/** What a stream may take longer, for its last batch and to make a failure smaller. */
const MORE_MS = 90_000;

const modes: readonly (readonly [string, string, Partial<ServerArguments>])[] = [
  ['every request served', '/dev/shm', { unmatched: 'direct' }],
  ['every request served', tmpdir(), { unmatched: 'direct', maxPathDescriptors: 50 }],
  ['on slow storage', tmpdir(), { unmatched: 'direct', slowStorage: true }],
  ['on slow storage, without a ring', tmpdir(), { unmatched: 'direct', slowStorage: true, ring: false }],
  ['through the page cache', '/dev/shm', { unmatched: 'cached' }],
  ['cached, names and attributes too', tmpdir(), { unmatched: 'cached', attributeTimeoutSeconds: 1 }],
  ['passed through', tmpdir(), { unmatched: 'passthrough' }],
  ['passed through, locks of the mount alone', '/dev/shm', { unmatched: 'passthrough', locks: 'kernel' }],
];

interface Report {
  readonly batches: number;
  readonly operations: number;
  readonly counted: number;
  readonly lines: number;
}

function startStream(stream: number, seconds: number, ...directories: string[]): Promise<Report> {
  const program = fileURLToPath(new URL('./stream.js', import.meta.url));
  const seed = SEED + stream * 1_000_000;
  const words = [stream, seed, seconds].map(String);
  const child = spawn(process.execPath, [program, ...words, ...directories], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const guard = setTimeout(() => child.kill('SIGKILL'), seconds * 1000 + MORE_MS);
  return new Promise((resolve, reject) => {
    child.on('close', (code, signal) => {
      clearTimeout(guard);
      if (code === 0) resolve(JSON.parse(output) as Report);
      else reject(new Error(`stream ${stream}, seed ${seed}, ended with ${signal ?? code}: ${errors}`));
    });
  });
}

for (const [mode, place, options] of modes) {
  test(`${place}, ${mode}: streams of random operations end as on the bare directory`, async (t) => {
    t.diagnostic(`TEST_SEED=${SEED}`);
    const bare = mkdtempSync(join(place, 'ordeal-bare-'));
    chmodSync(bare, 0o755);
    const volume = await ServedVolume.start(place, options);
    const seconds = SECONDS / modes.length;
    const guard = setTimeout(() => volume.abort(), seconds * 1000 + MORE_MS);
    try {
      for (const directory of [bare, volume.original]) SharedFiles.create(directory);
      const directories = [bare, volume.mounted, volume.original];
      const streams = Array.from({ length: STREAMS }, (_, stream) =>
        startStream(stream, seconds, ...directories),
      );
      const outcomes = await Promise.allSettled(streams);
      const failures = outcomes.filter((outcome) => outcome.status === 'rejected');
      assert.deepEqual(failures.map(({ reason }) => String(reason)).join('\n'), '');
      const reports = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      const sum = (of: keyof Report) => reports.reduce((total, report) => total + report[of], 0);
      t.diagnostic(`${sum('operations')} operations in ${sum('batches')} batches`);
      assert.ok(reports.every(({ operations }) => operations > 0));
      const [wanted, ...seen] = directories.map((directory) => SharedFiles.read(directory));
      for (const each of seen) assert.deepEqual(each, wanted);
      assert.equal(wanted?.counter, sum('counted'));
      assert.equal(wanted?.lines.length, sum('lines'));
      const { openFiles, parked } = await volume.command('status');
      assert.deepEqual([openFiles, parked], [0, 0]);
      assert.equal(volume.errors, '');
    } finally {
      clearTimeout(guard);
      await volume.stop();
      rmSync(bare, { recursive: true, force: true });
    }
  });
}
