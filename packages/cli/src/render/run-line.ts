import { asJson } from '@ordeal/diagnostics';
import type { RunEvent } from '@ordeal/node';
import { backWords, mechanismWords, summaryWords, underWords, whyNotWords } from './fault-words.js';
import { runNoteWords } from './note-words.js';

/** An event of a run as one line of JSON, as `ordeal run --json` prints it: with the words that a terminal shows. */
export function runLine(event: RunEvent): string {
  return asJson(worded(event));
}

function worded(event: RunEvent): object {
  switch (event.type) {
    case 'armed': {
      const { type, at, experiment, faults, ...rest } = event;
      const mechanism = mechanismWords(event);
      return {
        type,
        at,
        experiment,
        summary: summaryWords(faults),
        under: underWords(faults),
        ...rest,
        mechanism,
      };
    }
    case 'lifted': {
      const { faults: _, ...rest } = event;
      return { ...rest, whyNot: whyNotWords(event) };
    }
    case 'target-back': {
      const { means: _, ...rest } = event;
      return { ...rest, mechanism: backWords(event) };
    }
    case 'note':
      return { ...event, message: runNoteWords(event.note) };
    default:
      return event;
  }
}
