import type { Progress, ProgressListener } from '@ordeal/lab';
import { renderProgress, renderStepDone } from '../render/progress.js';
import type { Channel } from './output.js';

/** Shorter steps are not reported. */
const PATIENCE_MS = 2000;
/** If lines cannot be rewritten, the same stage is reported again after this time. */
const REPEAT_MS = 30_000;
const ERASE = '\r\x1b[K';

/** Reports long steps: rewritten in place on a terminal, elsewhere one line for each stage. */
export class ProgressReport {
  readonly #channel: Channel;
  readonly #now: () => number;
  #current: Progress | undefined;
  #began = 0;
  #spoke = 0;
  #spokenStage = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(channel: Channel, now: () => number = () => performance.now()) {
    this.#channel = channel;
    this.#now = now;
  }

  readonly listener: ProgressListener = (progress) => {
    if (progress.step !== this.#current?.step) {
      this.finish();
      this.#began = this.#now();
      this.#spoke = 0;
      this.#spokenStage = '';
      // A step may report only its start.
      this.#timer = setTimeout(() => this.#tell(), PATIENCE_MS).unref();
    }
    this.#current = progress;
    if (this.#now() - this.#began >= PATIENCE_MS) this.#tell();
  };

  /** The current step has ended. */
  finish(): void {
    clearTimeout(this.#timer);
    if (!this.#current) return;
    const { step } = this.#current;
    this.#current = undefined;
    if (this.#spoke === 0) return;
    this.#channel.write((this.#channel.live ? ERASE : '') + renderStepDone(step, this.#now() - this.#began));
  }

  /** The step failed: erases the live line and prints nothing more. */
  abandon(): void {
    clearTimeout(this.#timer);
    if (this.#current && this.#spoke > 0 && this.#channel.live) this.#channel.write(ERASE);
    this.#current = undefined;
  }

  #tell(): void {
    // The caller of `finish` reports the end of a step.
    if (!this.#current || this.#current.fraction === 1) return;
    const now = this.#now();
    const { live, columns } = this.#channel;
    if (!live && this.#current.stage === this.#spokenStage && now - this.#spoke < REPEAT_MS) return;
    this.#spoke = now;
    this.#spokenStage = this.#current.stage;
    const text = renderProgress(this.#current);
    this.#channel.write(live ? ERASE + text.slice(0, columns - 1) : `${text}\n`);
  }
}
