import { FaultHistory, type RunEvent } from '@ordeal/node';
import type { FaultTimeline, ReportedExperiment, StoryEntry } from '@ordeal/ui';
import { plain } from '../output/paint.js';
import { summaryWords } from '../render/fault-words.js';
import { armedRows, type EventOf, type RunView, renderEvent, renderProcessesEnded } from '../render/run.js';
import { faultTables } from './fault-tables.js';

/** Entries of the history that are kept. */
const MOST = 1000;

/** Kinds of events that the report shows elsewhere or only counts. */
const NOT_TOLD = new Set<RunEvent['type']>(['counters', 'fault', 'io-fault', 'processes-ended']);

/** Collects what a report needs from the events of a run, in bounded memory. */
export class RunRecorder {
  readonly #view: RunView;
  readonly #experiments = new Map<string, RecordedExperiment>();
  readonly #story: StoryEntry[] = [];
  #untold = 0;
  #processes: readonly string[] = [];
  #ended: EventOf<'run-ended'> | undefined;
  #began: string | undefined;

  constructor(view: Omit<RunView, 'paint' | 'columns' | 'stacks'>) {
    this.#view = { ...view, paint: plain, columns: Number.POSITIVE_INFINITY, stacks: false };
  }

  hear(event: RunEvent): void {
    this.#began ??= event.at;
    if (event.type === 'processes-ended') this.#processes = linesOf(renderProcessesEnded(event)).slice(1);
    if (event.type === 'run-ended') this.#ended = event;
    if (event.type === 'armed') this.#recordOf(event.experiment).arm(event);
    if (event.type === 'counters' || event.type === 'lifted') this.#recordOf(event.experiment).count(event);
    this.#tell(event);
  }

  /** The last event; undefined if the run failed before it. */
  get ended(): EventOf<'run-ended'> | undefined {
    return this.#ended;
  }

  /** When the first event was, an ISO time. */
  get began(): string | undefined {
    return this.#began;
  }

  get experiments(): ReportedExperiment[] {
    return [...this.#experiments].map(([name, record]) => record.reported(name, this.#view));
  }

  get faults(): FaultTimeline[] {
    return [...this.#experiments].flatMap(([name, { bins }]) => (bins ? [{ name, bins }] : []));
  }

  get processes(): readonly string[] {
    return this.#processes;
  }

  get story(): StoryEntry[] {
    const rest = { at: this.#story.at(-1)?.at ?? '', text: `and ${this.#untold} more` };
    return this.#untold === 0 ? [...this.#story] : [...this.#story, rest];
  }

  #recordOf(name: string): RecordedExperiment {
    const record = this.#experiments.get(name) ?? new RecordedExperiment();
    this.#experiments.set(name, record);
    return record;
  }

  #tell(event: RunEvent): void {
    const text = NOT_TOLD.has(event.type) ? '' : storyText(event, this.#view);
    if (text === '') return;
    if (this.#story.length < MOST) this.#story.push({ at: event.at, text });
    else this.#untold++;
  }
}

/** Details of arming and lifting are kept with the experiment. */
function storyText(event: RunEvent, view: RunView): string {
  if (event.type === 'command-started') return `command started (pid ${event.pid})`;
  if (event.type === 'armed') return `${event.experiment}   armed: ${summaryWords(event.faults)}`;
  // The report has a place of its own for the line that repeats the run.
  const shown = event.type === 'run-ended' ? { ...event, repeat: undefined } : event;
  const lines = linesOf(renderEvent(shown, view));
  return event.type === 'lifted' ? (lines[0] ?? '') : lines.join('\n');
}

function linesOf(text: string): string[] {
  return text.trimEnd().split('\n');
}

/** One experiment; under a Schedule it is armed and lifted several times. */
class RecordedExperiment {
  #armed: EventOf<'armed'> | undefined;
  #lifted: EventOf<'lifted'> | undefined;
  #history: FaultHistory | undefined;
  /** Faults of earlier armings. */
  #before = 0;
  #armings = 0;

  get bins() {
    return this.#history?.bins;
  }

  arm(event: EventOf<'armed'>): void {
    this.#armed = event;
    this.#armings++;
    this.#history ??= new FaultHistory(Date.parse(event.at));
  }

  count(event: EventOf<'counters'> | EventOf<'lifted'>): void {
    const fired = this.#before + Number(event.counters.fired);
    this.#history?.note(Date.parse(event.at), fired);
    if (event.type !== 'lifted') return;
    this.#lifted = event;
    this.#before = fired;
  }

  reported(name: string, view: RunView): ReportedExperiment {
    const outcome = this.#lifted && linesOf(renderEvent(this.#lifted, { ...view, several: false }))[0];
    return {
      name,
      summary: this.#armed ? summaryWords(this.#armed.faults) : '',
      rows: [
        ...(this.#armed ? armedRows(this.#armed, view) : []),
        ...(outcome === undefined ? [] : [['outcome', outcome] as const]),
        ...(this.#armings > 1
          ? [['', `the last of ${this.#armings} times; its numbers follow`] as const]
          : []),
      ],
      tables: this.#lifted ? faultTables(this.#lifted) : [],
    };
  }
}
