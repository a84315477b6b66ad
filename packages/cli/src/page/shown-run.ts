import type { RunWithHistory } from '@ordeal/supervisor';
import type { ShownRun } from '@ordeal/ui';
import { plain } from '../output/paint.js';
import { experimentWords } from '../render/experiment-words.js';
import { renderHeldCounters } from '../render/held-counts.js';
import { END_REASONS, refusalWords, targetWords } from '../render/held-run.js';
import { counted } from '../render/number.js';
import { span } from '../render/time.js';

/** As a terminal without colour. */
const VIEW = {
  paint: plain,
  columns: Number.POSITIVE_INFINITY,
  hasCommand: false,
  endsCommand: false,
  several: false,
  stacks: false,
};

/** A run as its page shows it. Pure. @param now milliseconds since 1970 */
export function shownRun(run: RunWithHistory, now: number): ShownRun {
  const { name, state, documents, target, fired, since, ended, refusal, history } = run;
  return {
    name,
    state,
    live: state !== 'ended' && state !== 'stopping',
    paused: state === 'paused',
    summaries: experimentWords(documents).map(({ summary }) => summary),
    target: targetWords(target),
    counts: ended
      ? `lifted after ${span(ended.at - since)}${END_REASONS[ended.reason]}: ${counted(fired, 'fault')}`
      : renderHeldCounters(run, VIEW, now).trim(),
    refusal: refusal && !ended ? refusalWords(refusal) : '',
    faults: history ?? { since, width: 1000, counts: [] },
  };
}
