import { isGone } from './file-table.js';
import { openSuccessor } from './install-mappings.js';
import { describeMapping } from './mapping-survey.js';
import type { DeadServer } from './move-options.js';
import type { MovedProcesses } from './moved-processes.js';
import type { OldSideSurvey } from './old-side-survey.js';
import { mayHoldUnwritten } from './unwritten-pages.js';

/**
 * Writes to the new side what a stopped process had written through mappings and a dead server never got. If something
 * cannot be saved, its mapping stays and keeps the data.
 */
export function saveUnwritten(
  pid: number,
  dead: DeadServer,
  survey: OldSideSurvey,
  moved: MovedProcesses,
): void {
  const { oldSide, options } = survey;
  for (const mapping of survey.of(pid)?.survey.mappings.filter(mayHoldUnwritten) ?? []) {
    const { openOnNewSide } = options;
    const file = openSuccessor(pid, mapping, { oldSide, openOnNewSide, writeBack: false });
    if (typeof file === 'string') continue;
    try {
      moved.of(pid).savedBytes += dead.unwritten.save(pid, mapping, file);
    } catch (error) {
      if (isGone(error)) return;
      const reason = `holds data that cannot be saved: ${(error as Error).message}`;
      survey.process(pid).refuse({ what: describeMapping(mapping), reason });
    } finally {
      file.close();
    }
  }
}
