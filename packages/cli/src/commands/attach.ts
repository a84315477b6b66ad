import { RUN_EXIT } from '@ordeal/node';
import type { RunNews, RunStatus } from '@ordeal/supervisor';
import { EXIT } from '../exit-code.js';
import { HeldRuns } from '../host/held-runs.js';
import { catchStopSignals } from '../host/stop-signal.js';
import { LiveLine } from '../output/live-line.js';
import type { Channel } from '../output/output.js';
import { renderHeldCounters, renderHeldOutcome } from '../render/held-counts.js';
import { heldRepeat, renderHeldRun } from '../render/held-run.js';
import { renderLogEvent } from '../render/log-event.js';
import type { RunView } from '../render/run.js';
import type { CommandContext } from './context.js';

export interface AttachOptions {
  readonly stacks?: true;
  readonly json?: true;
}

/** Shows a detached run until it ends; Ctrl-C detaches. */
export async function attach(
  name: string,
  options: AttachOptions,
  { output: { out }, runDirectory }: CommandContext,
): Promise<number> {
  const stop = catchStopSignals();
  const view = heldView(out, options.stacks === true);
  const onNews = options.json
    ? (news: RunNews) => out.write(`${JSON.stringify(news.type === 'event' ? news.event : news)}\n`)
    : textListener(out, view);
  try {
    const last = await new HeldRuns(runDirectory).ask('watch', { name }, { onNews, signal: stop.signal });
    if (last === undefined) {
      if (!options.json) out.write(`\ndetached: ${name} continues; ordeal stop ${name} ends it\n`);
      return EXIT.ok;
    }
    if (!options.json) out.write(renderHeldOutcome(last, view));
    const again = heldRepeat(last);
    if (!options.json && last.ended?.early && again !== undefined) out.write(`to repeat it: ${again}\n`);
    return last.ended?.early ? RUN_EXIT.endedEarly : EXIT.ok;
  } finally {
    stop.dispose();
  }
}

export function heldView({ paint, columns }: Channel, stacks: boolean): RunView {
  return { paint, columns, hasCommand: false, endsCommand: false, several: false, stacks };
}

function textListener(channel: Channel, view: RunView): (news: RunNews) => void {
  const live = new LiveLine(channel, false);
  let shown: RunStatus | undefined;
  return (news) => {
    if (news.type === 'event') {
      live.print(renderLogEvent(news.event, channel.paint));
      return;
    }
    if (!shown) live.print(renderHeldRun(news.run, channel.paint, Date.now()));
    shown = news.run;
    if (news.run.state === 'ended') live.clear();
    else live.update(renderHeldCounters(news.run, view, Date.now()));
  };
}
