import { NewProcesses } from '@ordeal/linux';
import { surveyDirectories } from './directories.js';
import { describe } from './install-descriptors.js';
import { describeMapping } from './mapping-survey.js';
import type { MoveOptions } from './move-options.js';
import { MovedProcesses } from './moved-processes.js';
import { type Found, isMovable, leftOver, OldSideSurvey } from './old-side-survey.js';
import { movePass } from './pass.js';
import type { MovePlan, MoveReport, PlannedProcess } from './report.js';

/** More passes than any program needs that opens files while it is moved; what is left then is reported. */
const MAX_PASSES = 10;

/**
 * Moves what live processes have open from one tree to another one with the same files. It blocks its operating
 * system thread for milliseconds, which must not be a thread that serves either side. The caller closes it.
 */
export class Move {
  readonly #survey: OldSideSurvey;

  /** @throws SyscallError if `from` is not an open descriptor */
  constructor(options: MoveOptions) {
    this.#survey = new OldSideSurvey(options);
  }

  /**
   * Plans what would be moved and what cannot be, and why. Opens the files on the new side, and touches no process.
   *
   * @throws SyscallError
   */
  plan(): MovePlan {
    return { processes: this.#survey.all().map((found) => this.#planned(found)) };
  }

  /**
   * Moves everything that can be, in as many passes as it takes until no process has anything left.
   *
   * @throws OrdealError ORD-751 if a process cannot be stopped: then nothing was moved in that pass
   */
  run(): MoveReport {
    const moved = new MovedProcesses();
    for (let passes = 0; ; passes++) {
      const newProcesses = new NewProcesses();
      const found = this.#survey.all();
      const work = found.filter(isMovable);
      if (work.length === 0 || passes === MAX_PASSES)
        return { processes: moved.all, passes, left: found.flatMap(leftOver) };
      movePass(work, { survey: this.#survey, moved, newProcesses });
    }
  }

  /** Records what has not been written back on the old side: see {@link UnwrittenPages.note}. */
  noteUnwritten(): void {
    this.#survey.noteUnwritten();
  }

  /** Closes the descriptors that were held. What was moved stays moved. */
  close(): void {
    this.#survey.close();
  }

  #planned({ survey, means }: Found): PlannedProcess {
    const { oldSide, options } = this.#survey;
    const directories = survey.directories.flatMap(({ tid, which }) => {
      const { move, left } = surveyDirectories(survey.pid, tid, oldSide, options.openOnNewSide);
      move?.root?.close();
      move?.working.close();
      return { which, left };
    });
    return {
      pid: survey.pid,
      threads: survey.threads,
      refused: typeof means === 'string' ? means : undefined,
      descriptors: survey.tables.flatMap(({ held }) => held.map(describe)),
      directories: directories.flatMap(({ which, left }) =>
        which.filter((name) => !left.some(({ what }) => what === name)),
      ),
      mappings: survey.mappings.map(describeMapping),
      left: [...survey.left, ...directories.flatMap(({ left }) => left)],
    };
  }
}
