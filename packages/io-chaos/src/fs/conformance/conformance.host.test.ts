import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCases } from '../testing/conformance-run.js';
import { ServedVolume } from '../testing/served-volume.js';
import type { ServerArguments } from '../testing/server.js';

/** Where the original trees are: two file systems that differ in much. */
const places = [tmpdir(), '/dev/shm'];

/** A rule that is reached by every request and never fires. */
const idle = { action: 'fault', errno: 5, percent: 0 } as const;

const modes: readonly (readonly [string, Partial<ServerArguments>])[] = [
  ['every request served', { unmatched: 'direct' }],
  ['without helpers', { unmatched: 'direct', helpers: 0 }],
  ['over itself, with few descriptors', { unmatched: 'direct', maxPathDescriptors: 3, overItself: true }],
  ['under a rule that never fires', { rules: [idle], enabled: true }],
  ['through the page cache', { unmatched: 'cached' }],
  ['cached, names and attributes too', { unmatched: 'cached', believeSeconds: 1 }],
  ['passed through', { unmatched: 'passthrough' }],
];

/** Cases that differ in a mode, and why. */
const different: { readonly [mode: string]: { readonly [name: string]: string } } = {
  'passed through': {
    'direct I/O can be switched off by fcntl':
      'the kernel opens the backing file once, with the flags of the open',
  },
};

for (const place of places) {
  const bare = mkdtempSync(join(place, 'ordeal-bare-'));
  chmodSync(bare, 0o755);
  const expected = runCases(join(bare, 'cases'), '', () => {});

  for (const [mode, options] of modes) {
    test(`${place}, ${mode}: the mount shows what the bare directory shows`, async () => {
      const volume = await ServedVolume.start(place, options);
      try {
        const seen = await runCases(join(volume.mounted, 'cases'), '', () => volume.abort());
        for (const [name, observation] of Object.entries(await expected)) {
          if (different[mode]?.[name]) continue;
          assert.deepEqual(seen[name], observation, name);
        }
        const { openFiles, nodes } = await volume.command('status');
        assert.equal(openFiles, 0);
        assert.ok(nodes > 0);
        assert.equal(volume.errors, '');
      } finally {
        await volume.stop();
      }
    });
  }

  test(`${place}: tidy up`, async () => {
    await expected;
    rmSync(bare, { recursive: true, force: true });
  });
}
