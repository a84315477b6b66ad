import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RunWithHistory } from '@ordeal/supervisor';
import type { ShownRun } from '@ordeal/ui';
import { HeldRuns } from '../host/held-runs.js';
import { shownRun } from './shown-run.js';

/** The detached runs of this host, looked at again and again. */
export class RunsOfHost {
  readonly #runDirectory: string;
  #runs: readonly RunWithHistory[] = [];
  #journal: string | undefined;

  constructor(runDirectory: string) {
    this.#runDirectory = runDirectory;
  }

  /**
   * The runs as they are now. Where all have ended and the journal is as it was, nobody is asked: a supervisor would be
   * started for each look.
   */
  async look(): Promise<readonly ShownRun[]> {
    const before = journalState(this.#runDirectory);
    if (before !== this.#journal || this.#runs.some(({ ended }) => !ended)) {
      this.#runs = await new HeldRuns(this.#runDirectory).histories();
      this.#journal = before;
    }
    const now = Date.now();
    return this.#runs.map((run) => shownRun(run, now));
  }
}

/** Another text after each change of a run. */
function journalState(runDirectory: string): string {
  const directory = join(runDirectory, 'runs');
  try {
    const names = readdirSync(directory).filter((name) => name.endsWith('.json'));
    return names
      .map((name) => `${name} ${statSync(join(directory, name), { throwIfNoEntry: false })?.mtimeMs}`)
      .join('\n');
  } catch {
    return '';
  }
}
