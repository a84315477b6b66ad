import type { RunNews, RunStatus } from '@ordeal/supervisor';
import { LiveLine } from '../output/live-line.js';
import type { Channel } from '../output/output.js';
import { renderHeldCounters } from '../render/held-counts.js';
import { renderHeldRun } from '../render/held-run.js';
import { renderLogEvent } from '../render/log-event.js';
import type { RunView } from '../render/run.js';
import { Steps, TRAIL } from '../render/sparkline.js';

/** Prints the news of a detached run. Its owner closes it in every case. */
export interface HeldListener {
  readonly hear: (news: RunNews) => void;
  readonly close: () => void;
}

/** Milliseconds between two steps of the live line, which goes on where there is no news. */
const INTERVAL = 1_000;

/** News as JSON lines. */
export function jsonHeldListener(channel: Channel): HeldListener {
  return {
    hear: (news) => channel.write(`${JSON.stringify(news.type === 'event' ? news.event : news)}\n`),
    close: () => undefined,
  };
}

/** News as text, with a live line of counters and time left. */
export function textHeldListener(channel: Channel, view: RunView): HeldListener {
  const live = new LiveLine(channel, false);
  let run: RunStatus | undefined;
  let steps: Steps | undefined;
  let recent: readonly number[] = [];
  const update = () => {
    if (run) live.update(renderHeldCounters(run, view, Date.now(), recent));
  };
  const timer = channel.live
    ? setInterval(() => {
        if (run) recent = steps?.note(BigInt(run.fired)) ?? [];
        update();
      }, INTERVAL)
    : undefined;
  return {
    hear(news) {
      if (news.type === 'event') return live.print(renderLogEvent(news.event, channel.paint));
      if (!run) live.print(renderHeldRun(news.run, channel.paint, Date.now()));
      run = news.run;
      steps ??= new Steps(TRAIL, BigInt(run.fired));
      if (run.state !== 'ended') return update();
      clearInterval(timer);
      live.clear();
    },
    close: () => clearInterval(timer),
  };
}
