import { OrdealError } from '@ordeal/diagnostics';
import type { RunStatus } from '@ordeal/supervisor';
import { EXIT } from '../exit-code.js';
import { HeldRuns } from '../host/held-runs.js';
import { errorAsData, renderError } from '../render/error.js';
import { renderHeldOutcome } from '../render/held-counts.js';
import { renderHeldRun } from '../render/held-run.js';
import { heldView } from './attach.js';
import type { CommandContext } from './context.js';

export interface ChangeRunsOptions {
  readonly all?: true;
  readonly stacks?: true;
  readonly json?: true;
}

/** Pauses, resumes or stops detached runs concurrently, and prints the status of each afterwards. */
export async function changeRuns(
  change: 'pause' | 'resume' | 'stop',
  names: readonly string[],
  options: ChangeRunsOptions,
  { output: { out, err }, runDirectory }: CommandContext,
): Promise<number> {
  const runs = new HeldRuns(runDirectory);
  const chosen = [...new Set(await runs.namesOrAll(names, options.all === true))];
  let exitCode: number = EXIT.ok;
  const tell = (run: RunStatus) => {
    if (options.json) out.write(`${JSON.stringify(run)}\n`);
    else out.write(renderChanged(run, heldView(out, options.stacks === true)));
    if (run.injections.some(({ left }) => left.length > 0)) exitCode = EXIT.failed;
  };
  const changed = chosen.map(async (name) => {
    try {
      const run = await runs.ask(change, { name });
      if (run) tell(run);
    } catch (error) {
      if (!(error instanceof OrdealError)) throw error;
      // If one cannot be changed, the others still are.
      exitCode = EXIT.failed;
      if (options.json) out.write(`${JSON.stringify(errorAsData(error))}\n`);
      err.write(renderError(error, err, false));
    }
  });
  await Promise.all(changed);
  if (chosen.length === 0 && !options.json) out.write('no detached runs\n');
  return exitCode;
}

function renderChanged(run: RunStatus, view: ReturnType<typeof heldView>): string {
  if (!run.ended) return renderHeldRun(run, view.paint, Date.now());
  return `${run.name}   ${renderHeldOutcome(run, view)}`;
}
