import { OrdealError } from '@ordeal/diagnostics';
import { EXIT } from '../exit-code.js';
import { HeldRuns } from '../host/held-runs.js';
import { renderLogEvent } from '../render/log-event.js';
import type { CommandContext } from './context.js';
import type { LogsOptions } from './logs.js';

/** Flags that have no meaning for a run of this host. */
const OF_CLUSTERS = ['follow', 'namespace', 'context', 'kubeconfig'] as const;

/** Prints what happened to a detached run since its start. */
export async function runLog(
  name: string,
  options: LogsOptions,
  { output: { out }, runDirectory }: CommandContext,
): Promise<number> {
  const foreign = OF_CLUSTERS.find((flag) => options[flag] !== undefined);
  if (foreign) {
    throw new OrdealError('ORD-901', `--${foreign} is for experiments of a cluster: KIND/NAME`, {
      hint: `'${name}' names a detached run; ordeal attach ${name} follows it.`,
    });
  }
  const events = (await new HeldRuns(runDirectory).ask('log', { name })) ?? [];
  for (const event of events)
    out.write(options.json ? `${JSON.stringify(event)}\n` : renderLogEvent(event, out.paint));
  return EXIT.ok;
}
