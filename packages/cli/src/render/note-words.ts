import type { RunNote, SweepNote } from '@ordeal/node';

const UNDERLYING = 'the underlying file system';
const LISTED = '`ordeal explain` lists them';

/** A note of a run as a sentence. Pure. */
export function runNoteWords(note: RunNote): string {
  switch (note.kind) {
    case 'kernel log unreadable':
      return 'the kernel log cannot be read here: warnings and OOM kills are not seen';
    case 'writeback unattributed':
      return 'block I/O is not attributed to cgroups here: buffered writes are not recognised';
    case 'interrupt sent':
      return `SIGINT was sent to the command, waiting for it to end; it is killed after ${note.killedAfterMs / 1000} s`;
    case 'not evaluated':
      return `${note.experiment}: not evaluated on one host: ${note.selectors.join(', ')}`;
    case 'still runs':
      return `${note.experiment} is not started again: it still runs (concurrencyPolicy Forbid)`;
    case 'not started':
      return `${note.experiment} is not started this time: ${note.reason}`;
    case 'volume missing':
      return `${note.target} is back, but its volume is missing: ${note.reason}`;
    case 'faults refused':
      return `${note.experiment}: a target is back, but its faults are refused: ${note.reason}`;
    case 'kept':
      return `process ${note.pid} keeps ${note.what}: it ${note.reason}`;
    case 'more kept':
      return `${note.count} more things stay on ${UNDERLYING}: ${LISTED}`;
    case 'others keep': {
      const who = note.processes === 1 ? '1 other process keeps' : `${note.processes} other processes keep`;
      return `${who} files of ${UNDERLYING}, without faults: ${LISTED}`;
    }
    case 'not moved back':
      return `not moved back: ${note.what}`;
    case 'keeper':
      return note.message;
  }
}

/** A note of a sweep as a sentence. Pure. */
export function sweepNoteWords(note: SweepNote): string {
  switch (note.kind) {
    case 'fields ignored':
      return `${note.fields.join(' and ')} of the document: ignored, a sweep fails one match per run, each in turn`;
    case 'kernel log unreadable':
      return 'the kernel log cannot be read here: its warnings are not seen';
    case 'other baseline':
      return 'without a fault the command ends differently than in the earlier sweep';
    case 'unsteady requests':
      return 'two runs without a fault made different requests: a run may fail another one than counted';
    case 'not copied':
      return `${note.reason}: only --prepare brings it back before each run`;
    case 'cut failed':
      return `run ${note.run}: ${note.what}`;
    case 'not moved back':
      return note.what;
    case 'keeper':
      return note.message;
  }
}
