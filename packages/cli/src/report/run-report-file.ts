import { OrdealError } from '@ordeal/diagnostics';
import type { RunEvent } from '@ordeal/node';
import { renderReport } from '@ordeal/ui';
import { replaceFile } from '../host/replace-file.js';
import type { RunView } from '../render/run.js';
import { RunRecorder } from './run-recorder.js';
import { type RunContext, runReport } from './run-report.js';

/** The HTML report of a foreground run, which is written at its end. */
export class RunReportFile {
  readonly #path: string;
  readonly #recorder: RunRecorder;
  readonly #context: Omit<RunContext, 'failure'>;

  constructor(path: string, view: RunView, context: Omit<RunContext, 'failure'>) {
    this.#path = path;
    this.#recorder = new RunRecorder(view);
    this.#context = context;
  }

  hear(event: RunEvent): void {
    this.#recorder.hear(event);
  }

  /** @param error why the run failed. @throws OrdealError ORD-902 */
  write(error?: unknown): void {
    const failure = error === undefined ? undefined : error instanceof Error ? error.message : String(error);
    // A run that was refused before anything began has nothing to report.
    if (this.#recorder.began === undefined) return;
    const report = runReport(this.#recorder, { ...this.#context, failure }, Date.now());
    try {
      replaceFile(this.#path, renderReport(report));
    } catch (cause) {
      if (failure === undefined || !(cause instanceof OrdealError)) throw cause;
      throw new OrdealError(cause.code, cause.message, {
        detail: [`the run itself failed: ${failure}`],
        cause,
      });
    }
  }
}
