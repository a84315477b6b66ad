import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Glob } from '@ordeal/experiment';
import { plain } from '../output/paint.js';
import type { RunView } from '../render/run.js';
import { volumeFaults } from '../testing/volume-faults.js';
import { textRunListener } from './run-listener.js';

const view: RunView = {
  paint: plain,
  columns: 60,
  hasCommand: false,
  endsCommand: false,
  stacks: false,
  several: false,
};

const faults = volumeFaults({
  ...{ action: 'latency', delay: 100_000_000n, methods: ['write', 'fsync'] },
  ...{
    volumePath: '/var/lib/postgresql/data',
    path: { pattern: '/var/lib/postgresql/data/pg_wal/*' } as Glob,
  },
});

/** What a run prints on a terminal of 60 columns, or into a pipe. */
function printed(wrapAt: number): string {
  let text = '';
  const write = (each: string | Uint8Array) => {
    text += each;
  };
  const listener = textRunListener({ write, live: false, columns: 60, wrapAt, paint: plain }, view);
  listener.hear({
    type: 'armed',
    at: '2026-11-20T12:00:00.000Z',
    experiment: 'slow-wal',
    faults,
    targets: ['postgres and its children (pid 4211)'],
    reach: ['host'],
    durationNs: undefined,
    probabilityPercent: 100,
    times: 0,
    programs: 0,
    armingMs: 41,
  });
  listener.close();
  return text;
}

test('the output of a run is wrapped at words on a terminal, below the text of its rows', () => {
  assert.equal(
    printed(60),
    `slow-wal   write, fsync to /var/lib/postgresql/data/pg_wal/*
  become 100ms slower
  under    /var/lib/postgresql/data/pg_wal/*
  for      every process of this host that uses
           /var/lib/postgresql/data, not only postgres and
           its children (pid 4211)
  until    Ctrl-C; every match
  armed    fault file system, nothing was open, 41 ms

`,
  );
});

test('where the output is no terminal, a line is a line', () => {
  const rows = printed(Number.POSITIVE_INFINITY).split('\n');
  assert.equal(rows.length, 7);
  assert.match(rows[4] ?? '', /^ {2}armed .* open, 41 ms$/);
});
