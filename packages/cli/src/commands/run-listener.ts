import { wrapText } from '@ordeal/diagnostics';
import type { RunEvent } from '@ordeal/node';
import { LiveLine } from '../output/live-line.js';
import type { Channel } from '../output/output.js';
import {
  type EventOf,
  type RunView,
  renderArmedAgain,
  renderArming,
  renderCounters,
  renderEvent,
} from '../render/run.js';
import { runLine } from '../render/run-line.js';
import { Steps, TRAIL } from '../render/sparkline.js';

/** Prints the events of a run. Its owner closes it in every case. */
export interface RunListener {
  readonly hear: (event: RunEvent) => void;
  readonly close: () => void;
}

/** Events as JSON lines. */
export function jsonRunListener(channel: Channel): RunListener {
  return { hear: (event) => channel.write(runLine(event)), close: () => undefined };
}

/** Events as text, with a live line for each experiment. */
export function textRunListener(channel: Channel, view: RunView): RunListener {
  const live = new LiveLine(channel, view.hasCommand);
  const arming = new ArmingLine(live);
  const shown = new Set<string>();
  const steps = new Map<string, Steps>();
  const recent = ({ experiment, counters }: EventOf<'counters'>) => {
    if (!channel.live) return [];
    const own = steps.get(experiment) ?? new Steps(TRAIL);
    steps.set(experiment, own);
    return own.note(counters.fired);
  };
  const hear = (event: RunEvent) => {
    if (event.type === 'counters')
      return live.update(renderCounters(event, view, recent(event)), event.experiment);
    if (event.type === 'arming') return arming.begin(event);
    if (event.type === 'armed') arming.end();
    if (event.type === 'lifted') live.end(event.experiment);
    const again = event.type === 'armed' && shown.has(event.experiment);
    const text = again ? renderArmedAgain(event, view) : renderEvent(event, view);
    if (event.type === 'armed') shown.add(event.experiment);
    // The last event may have a line to be copied.
    if (text !== '') live.print(event.type === 'run-ended' ? text : wrapText(text, channel.wrapAt));
  };
  return { hear, close: () => arming.end() };
}

/** Milliseconds between updates. */
const ARMING_INTERVAL = 500;

/** Shows that faults are being armed if that takes a while. */
class ArmingLine {
  readonly #live: LiveLine;
  #timer: NodeJS.Timeout | undefined;

  constructor(live: LiveLine) {
    this.#live = live;
  }

  begin(event: EventOf<'arming'>): void {
    this.end();
    const begun = performance.now();
    const tell = () => this.#live.update(renderArming(event, performance.now() - begun), 'arming');
    tell();
    this.#timer = setInterval(tell, ARMING_INTERVAL).unref();
  }

  end(): void {
    clearInterval(this.#timer);
    this.#live.end('arming');
  }
}
