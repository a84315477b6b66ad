import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sumCounters } from '@ordeal/kernel-chaos';
import { volumeFaults } from '../testing/volume-faults.js';
import { runLine } from './run-line.js';

const at = '2026-11-20T12:00:00.000Z';
const faults = volumeFaults({ action: 'fault', errno: 5, methods: ['write'] });

test('events as JSON have words for what they do, and counters and nanoseconds as numbers', () => {
  const line = runLine({
    ...{ type: 'armed', at, experiment: 'eio', faults, targets: ['sh'], durationNs: 5_000_000_000n },
    ...{ probabilityPercent: 100, times: 0, moved: [], programs: 0, armingMs: 12 },
  });
  assert.deepEqual(JSON.parse(line), {
    ...{
      type: 'armed',
      at,
      experiment: 'eio',
      summary: 'write under /data fails with EIO',
      under: ['/data'],
    },
    ...{
      targets: ['sh'],
      durationNs: 5_000_000_000,
      probabilityPercent: 100,
      times: 0,
      moved: [],
      programs: 0,
    },
    ...{ armingMs: 12, mechanism: 'fault file system, nothing was open' },
  });
  const counters = { ...sumCounters([]), reached: 1204n };
  const lifted = { type: 'lifted', at, experiment: 'eio', reason: 'duration', elapsedMs: 9 } as const;
  const result = JSON.parse(runLine({ ...lifted, counters, sites: [], faults })) as Record<string, unknown>;
  assert.equal(result.faults, undefined);
  assert.equal(result.whyNot, 'the probability skipped every matching request');
  assert.equal((result.counters as { reached: unknown }).reached, 1204);
});

test('a note as JSON has its data and the sentence that a terminal shows', () => {
  const note = { kind: 'more kept', count: 3 } as const;
  const message = '3 more things stay on the underlying file system: `ordeal explain` lists them';
  assert.deepEqual(JSON.parse(runLine({ type: 'note', at, note })), { type: 'note', at, note, message });
});
