import { RUN_EXIT } from '@ordeal/node';
import { EXIT } from '../exit-code.js';
import { HeldRuns } from '../host/held-runs.js';
import { catchStopSignals } from '../host/stop-signal.js';
import type { Channel } from '../output/output.js';
import { renderHeldOutcome } from '../render/held-counts.js';
import { heldRepeat } from '../render/held-run.js';
import type { RunView } from '../render/run.js';
import type { CommandContext } from './context.js';
import { jsonHeldListener, textHeldListener } from './held-listener.js';

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
  const listener = options.json ? jsonHeldListener(out) : textHeldListener(out, view);
  try {
    const last = await new HeldRuns(runDirectory).ask(
      'watch',
      { name },
      { onNews: listener.hear, signal: stop.signal },
    );
    if (last === undefined) {
      if (!options.json) out.write(`\ndetached: ${name} continues; ordeal stop ${name} ends it\n`);
      return EXIT.ok;
    }
    if (!options.json) out.write(renderHeldOutcome(last, view));
    const again = heldRepeat(last);
    if (!options.json && last.ended?.early && again !== undefined) out.write(`to repeat it: ${again}\n`);
    return last.ended?.early ? RUN_EXIT.endedEarly : EXIT.ok;
  } finally {
    listener.close();
    stop.dispose();
  }
}

export function heldView({ paint, columns }: Channel, stacks: boolean): RunView {
  return { paint, columns, hasCommand: false, endsCommand: false, several: false, stacks };
}
