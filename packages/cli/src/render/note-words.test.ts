import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunNote, SweepNote } from '@ordeal/node';
import { runNoteWords, sweepNoteWords } from './note-words.js';

test('notes of a run', () => {
  const [experiment, target, reason] = ['eio', 'container web (pid 7, sh)', 'it is away'];
  const notes: readonly (readonly [RunNote, string])[] = [
    [
      { kind: 'kernel log unreadable' },
      'the kernel log cannot be read here: warnings and OOM kills are not seen',
    ],
    [
      { kind: 'writeback unattributed' },
      'block I/O is not attributed to cgroups here: buffered writes are not recognised',
    ],
    [
      { kind: 'interrupt sent', killedAfterMs: 5000 },
      'SIGINT was sent to the command, waiting for it to end; it is killed after 5 s',
    ],
    [{ kind: 'not evaluated', experiment, selectors: ['a', 'b'] }, 'eio: not evaluated on one host: a, b'],
    [
      { kind: 'still runs', experiment },
      'eio is not started again: it still runs (concurrencyPolicy Forbid)',
    ],
    [{ kind: 'not started', experiment, reason }, 'eio is not started this time: it is away'],
    [
      { kind: 'volume missing', target, reason },
      'container web (pid 7, sh) is back, but its volume is missing: it is away',
    ],
    [
      { kind: 'faults refused', experiment, reason },
      'eio: a target is back, but its faults are refused: it is away',
    ],
    [
      { kind: 'kept', pid: 7, what: 'descriptor 0', reason: 'is a FIFO' },
      'process 7 keeps descriptor 0: it is a FIFO',
    ],
    [
      { kind: 'more kept', count: 2990 },
      '2990 more things stay on the underlying file system: `ordeal explain` lists them',
    ],
    [
      { kind: 'others keep', processes: 1 },
      '1 other process keeps files of the underlying file system, without faults: `ordeal explain` lists them',
    ],
    [
      { kind: 'others keep', processes: 2 },
      '2 other processes keep files of the underlying file system, without faults: `ordeal explain` lists them',
    ],
    [{ kind: 'not moved back', what: 'descriptor 3' }, 'not moved back: descriptor 3'],
    [{ kind: 'keeper', message: 'as it is' }, 'as it is'],
  ];
  for (const [note, words] of notes) assert.equal(runNoteWords(note), words);
});

test('notes of a sweep', () => {
  const notes: readonly (readonly [SweepNote, string])[] = [
    [
      { kind: 'fields ignored', fields: ['after', 'every'] },
      'after and every of the document: ignored, a sweep fails one match per run, each in turn',
    ],
    [{ kind: 'kernel log unreadable' }, 'the kernel log cannot be read here: its warnings are not seen'],
    [{ kind: 'other baseline' }, 'without a fault the command ends differently than in the earlier sweep'],
    [
      { kind: 'unsteady requests' },
      'two runs without a fault made different requests: a run may fail another one than counted',
    ],
    [
      { kind: 'not copied', reason: '/data holds more than 256 MiB' },
      '/data holds more than 256 MiB: only --prepare brings it back before each run',
    ],
    [{ kind: 'cut failed', run: 4, what: 'a' }, 'run 4: a'],
    [{ kind: 'not moved back', what: 'descriptor 3' }, 'descriptor 3'],
    [{ kind: 'keeper', message: 'as it is' }, 'as it is'],
  ];
  for (const [note, words] of notes) assert.equal(sweepNoteWords(note), words);
});
