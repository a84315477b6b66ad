import { EXIT } from '../exit-code.js';
import { HeldRuns } from '../host/held-runs.js';
import { renderHeldRuns } from '../render/held-run.js';
import type { CommandContext } from './context.js';

export interface PsOptions {
  readonly all?: true;
  readonly quiet?: true;
  readonly json?: true;
}

/** Lists detached runs. */
export async function ps(
  options: PsOptions,
  { output: { out }, runDirectory }: CommandContext,
): Promise<number> {
  const runs = (await new HeldRuns(runDirectory).list()).filter(({ ended }) => options.all || !ended);
  if (options.json) out.write(`${JSON.stringify(runs)}\n`);
  else if (options.quiet) for (const { name } of runs) out.write(`${name}\n`);
  else if (runs.length > 0) out.write(renderHeldRuns(runs, Date.now()));
  else out.write('no detached runs\n');
  return EXIT.ok;
}
