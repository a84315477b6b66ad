import { chaosResources } from '@ordeal/controller';
import { asJson, OrdealError } from '@ordeal/diagnostics';
import { type ClusterFlags, withCluster } from '../cluster/cluster-flags.js';
import { namedOne } from '../cluster/kinds.js';
import { lookAgain } from '../cluster/look-again.js';
import { readExperiment } from '../cluster/read-experiment.js';
import { EXIT } from '../exit-code.js';
import { catchStopSignals } from '../host/stop-signal.js';
import { renderError } from '../render/error.js';
import { renderStoryLine } from '../render/story.js';
import type { CommandContext } from './context.js';

export interface LogsOptions extends ClusterFlags {
  readonly follow?: true;
}

/** Prints the history of one experiment of a cluster, oldest first; with --follow until it is deleted. */
export async function logs(what: string, options: LogsOptions, { output }: CommandContext): Promise<number> {
  const { out, err } = output;
  const { resource, name } = namedOne(what);
  if (!(resource.kind in chaosResources)) {
    throw new OrdealError('ORD-901', `${what}: a schedule has no history of its own; its experiments have`);
  }
  const told = new Set<string>();
  await withCluster(options, async (cluster) => {
    const tell = async () => {
      const { story, refusals } = await readExperiment(cluster, resource, name);
      const refused = refusals.map((refusal) => `${err.paint('warned', `not shown: ${refusal}`)}\n`);
      const lines = story.map((line) => (options.json ? asJson(line) : renderStoryLine(line, out.paint)));
      for (const line of lines.filter((each) => !told.has(each))) out.write(line);
      for (const line of refused.filter((each) => !told.has(each))) err.write(line);
      for (const line of [...lines, ...refused]) told.add(line);
    };
    await tell();
    if (!options.follow) return;
    const stop = catchStopSignals();
    try {
      await lookAgain(cluster, {
        resources: [resource],
        name,
        signal: stop.signal,
        look: () => tell().then(() => true, isGone),
        onError: (error) => err.write(renderError(error, err, false)),
      });
    } finally {
      stop.dispose();
    }
  });
  return EXIT.ok;
}

/** False if the experiment does not exist any more. */
function isGone(error: unknown): boolean {
  if (error instanceof OrdealError && error.code === 'ORD-806') return false;
  throw error;
}
