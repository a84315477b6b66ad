import { asJson } from '@ordeal/diagnostics';
import type { SweepEvent } from '@ordeal/node';
import { sweepNoteWords } from './note-words.js';

/** An event of a sweep as one line of JSON, as `ordeal sweep --json` prints it: a note with its words. */
export function sweepLine(event: SweepEvent): string {
  return asJson(event.type === 'note' ? { ...event, message: sweepNoteWords(event.note) } : event);
}
