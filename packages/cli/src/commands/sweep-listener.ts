import type { SweepEvent, SweepEventListener, SweepSubject } from '@ordeal/node';
import type { SweepFiles } from '../host/sweep-files.js';
import { LiveLine } from '../output/live-line.js';
import type { Output } from '../output/output.js';
import { sweepNoteWords } from '../render/note-words.js';
import {
  renderBaseline,
  renderChosenRun,
  renderOutput,
  renderSweepProgress,
  renderSweepStart,
  type SweepView,
} from '../render/sweep.js';
import { sweepLine } from '../render/sweep-line.js';
import { renderSummary } from '../render/sweep-summary.js';

/** How the events of a sweep are printed. */
export interface SweepTelling {
  readonly output: Output;
  readonly files: SweepFiles;
  /** The command line before `--`, to be repeated. */
  readonly again: string;
  /** Only chosen runs, to show their output. */
  readonly chosen: boolean;
}

/** Events as JSON lines, recorded. */
export function jsonSweepListener({ output, files }: SweepTelling): SweepEventListener {
  return (event) => {
    files.add(event);
    output.out.write(sweepLine(event));
  };
}

/** Events as text: results go to standard output, progress to standard error. */
export function textSweepListener({ output, files, again, chosen }: SweepTelling): SweepEventListener {
  const { out, err } = output;
  const view: SweepView = { paint: out.paint, columns: out.columns };
  const live = new LiveLine(err, false);
  const started = performance.now();
  let how: SweepSubject['how'];
  const print = (text: string) => {
    live.clear();
    out.write(text);
  };
  return (event: SweepEvent) => {
    files.add(event);
    switch (event.type) {
      case 'armed':
        how = event.subject.how;
        return print(renderSweepStart(event, view));
      case 'baseline':
        return print(renderBaseline(event, how));
      case 'note':
        return print(`${view.paint('aside', `note: ${sweepNoteWords(event.note)}`)}\n`);
      case 'progress':
        return live.update(
          renderSweepProgress(event, performance.now() - started, { ...view, paint: err.paint }),
        );
      case 'output':
        return print(renderOutput(event));
      case 'run':
        return chosen ? print(`${renderChosenRun(event, view)}\n`) : undefined;
      case 'done': {
        const { state } = files.record;
        if (state) print(renderSummary(state, again, view));
        const written = files.save();
        if (written.length > 0) print(`report: ${written.join(', ')}\n`);
      }
    }
  };
}
