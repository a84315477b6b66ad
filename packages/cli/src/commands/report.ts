import { renderReport, renderSweepReport } from '@ordeal/ui';
import { EXIT } from '../exit-code.js';
import { HeldRuns } from '../host/held-runs.js';
import { replaceFile, requireWritable } from '../host/replace-file.js';
import { readState } from '../host/sweep-files.js';
import { heldReport } from '../report/held-report.js';
import { sweepReport } from '../report/sweep-report.js';
import type { CommandContext } from './context.js';

export interface ReportOptions {
  readonly output?: string;
}

/** Writes an HTML file about a detached run, or about a sweep. */
export async function report(
  name: string,
  { output: path }: ReportOptions,
  { output: { out }, runDirectory }: CommandContext,
): Promise<number> {
  if (path !== undefined) requireWritable(path);
  const page = name.endsWith('.json')
    ? renderSweepReport(sweepReport(readState(name)))
    : await reportPage(new HeldRuns(runDirectory), name);
  if (path === undefined) out.write(page);
  else replaceFile(path, page);
  return EXIT.ok;
}

/** The report of a detached run as it is now. @throws OrdealError ORD-856 */
export async function reportPage(runs: HeldRuns, name: string): Promise<string> {
  const run = await runs.history(name);
  const log = (await runs.ask('log', { name })) ?? [];
  return renderReport(heldReport(run, log, Date.now()));
}
