import type { StoryLine } from '../cluster/story.js';
import type { Paint } from '../output/paint.js';

/** One entry of the history, on one line. */
export function renderStoryLine({ time, target, failed, what }: StoryLine, paint: Paint): string {
  const when = paint('aside', time.replace('T', ' ').replace(/(\.\d+)?Z$/, ''));
  const text = failed ? paint('failed', what) : what;
  return `${when}  ${target === undefined ? '' : `${target}  `}${text}\n`;
}
