import type { LogEvent, Status } from '@ordeal/supervisor';
import type { Paint } from '../output/paint.js';
import { END_REASONS, heldRepeat, refusalWords, targetWords } from './held-run.js';
import { counted } from './number.js';

/** What happened to a run as one line: `12:04:11   slow-writes   active for pid 4211`. */
export function renderLogEvent(event: LogEvent, paint: Paint): string {
  return `${event.at.slice(11, 19)}   ${words(event, paint)}\n`;
}

function words(event: LogEvent, paint: Paint): string {
  switch (event.type) {
    case 'injection':
      return injectionWords(event.status, paint);
    case 'scheduled':
      return `${event.experiment}   next at ${event.next.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC')}`;
    case 'skipped': {
      const why = event.refusal ? refusalWords(event.refusal) : 'it still runs, or the run is paused';
      return `${event.experiment}   not started this time: ${why}`;
    }
    case 'taken over':
      return 'the supervisor died; its successor took over';
    case 'unrecorded':
      return paint('failed', `not recorded any more: ${refusalWords(event.refusal)}`);
    case 'started':
    case 'updated': {
      const again = heldRepeat(event);
      return again === undefined ? event.type : `${event.type}; to repeat it: ${again}`;
    }
    case 'ended':
      return `${paint(event.early ? 'failed' : 'lifted', `ended${END_REASONS[event.reason]}`)}: ${counted(event.fired, 'fault')}`;
    default:
      return event.type;
  }
}

function injectionWords({ experiment, target, phase, refusal, ended, counts }: Status, paint: Paint): string {
  const who = targetWords(target);
  const faults = counted(counts.fired, 'fault');
  if (refusal) return `${experiment}   ${paint('failed', refusalWords(refusal))}; it will be retried`;
  switch (phase) {
    case 'active':
      return `${experiment}   ${paint('armed', 'active')} for ${who}`;
    case 'waiting':
      return `${experiment}   ${who} has ended: its faults are armed again when it restarts`;
    case 'ended':
      return `${experiment}   lifted for ${who}${ended ? END_REASONS[ended] : ''}: ${faults}`;
    default:
      return `${experiment}   ${phase} for ${who}: ${faults}`;
  }
}
