import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { backingPlaces } from '../testing/backing-places.js';
import { type Observations, runCases } from '../testing/conformance-run.js';
import { ServedVolume } from '../testing/served-volume.js';
import type { ServerArguments } from '../testing/server.js';
import { compilePosixProgram, differences } from './index.js';

/** A rule that is reached by every request and never fires. */
const idle = { action: 'fault', errno: 5, percent: 0 } as const;

const modes: readonly (readonly [string, Partial<ServerArguments>])[] = [
  ['every request served', { unmatched: 'direct' }],
  ['on slow storage', { unmatched: 'direct', slowStorage: true }],
  ['on slow storage, without a ring', { unmatched: 'direct', slowStorage: true, ring: false }],
  ['without a ring and helpers', { unmatched: 'direct', ring: false, helpers: 0 }],
  ['over itself, with few descriptors', { unmatched: 'direct', maxPathDescriptors: 3, overItself: true }],
  ['under a rule that never fires', { rules: [idle], enabled: true }],
  ['through the page cache', { unmatched: 'cached' }],
  ['cached, names and attributes too', { unmatched: 'cached', attributeTimeoutSeconds: 1 }],
  ['passed through', { unmatched: 'passthrough' }],
  ['every request served, locks of the mount alone', { unmatched: 'direct', locks: 'kernel' }],
  ['passed through, locks of the mount alone', { unmatched: 'passthrough', locks: 'kernel' }],
];

/** What is tried where the rest would show the same. */
const common = new Set(['every request served', 'cached, names and attributes too', 'passed through']);

/** Whether a case may differ on a place in a mode. */
function mayDiffer(name: string, place: string, mode: Partial<ServerArguments>): boolean {
  const conditions = {
    'passed through': mode.unmatched === 'passthrough',
    'attributes cached': mode.attributeTimeoutSeconds !== undefined,
    overlay: place === 'overlay',
  };
  return differences.some((each) => each.name === name && (!each.only || conditions[each.only]));
}

/** Differences that were seen, so that none is listed in vain. */
const seenDifferent = new Set<string>();

const directory = mkdtempSync(join(tmpdir(), 'ordeal-conformance-'));
chmodSync(directory, 0o755);
const program = compilePosixProgram(directory);
const places = backingPlaces(directory);
after(() => {
  for (const place of places) place.close();
  rmSync(directory, { recursive: true, force: true });
});

for (const place of places) {
  const bare = join(place.directory, 'bare');
  let expected: Promise<Observations> | undefined;
  const expectation = () => {
    expected ??= runCases(bare, program, '', () => {});
    return expected;
  };

  test(`${place.name}: every case runs on the bare directory`, async (t) => {
    for (const [name, seen] of Object.entries(await expectation())) {
      const outcome = seen as { failed?: string; cannot?: string } | null;
      if (outcome?.cannot) await t.test(name, { skip: outcome.cannot }, () => {});
      assert.equal(outcome?.failed, undefined, name);
    }
  });

  for (const [mode, options] of place.quick ? modes.filter(([mode]) => common.has(mode)) : modes) {
    test(`${place.name}, ${mode}: the mount shows what the bare directory shows`, async () => {
      const volume = await ServedVolume.start(place.directory, options);
      try {
        const wanted = await expectation();
        const seen = await runCases(join(volume.mounted, 'cases'), program, '', () => volume.abort());
        const unlike = Object.keys(wanted).filter((name) => !isDeepStrictEqual(seen[name], wanted[name]));
        const wrong = unlike.filter((name) => !mayDiffer(name, place.name, options));
        for (const name of unlike) seenDifferent.add(name);
        for (const name of wrong) assert.deepEqual(seen[name], wanted[name], `${wrong.join('; ')}: ${name}`);
        const { openFiles, nodes } = await volume.command('status');
        assert.equal(openFiles, 0);
        assert.ok(nodes > 0);
        assert.equal(volume.errors, '');
      } finally {
        await volume.stop();
      }
    });
  }
}

test('no difference is listed in vain', () => {
  const vain = differences.filter(({ name }) => !seenDifferent.has(name));
  assert.deepEqual(vain, []);
});
