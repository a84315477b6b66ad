import { schedules } from '@ordeal/controller';
import { asJson } from '@ordeal/diagnostics';
import { type ClusterFlags, withCluster } from '../cluster/cluster-flags.js';
import { namedOne } from '../cluster/kinds.js';
import { readExperiment } from '../cluster/read-experiment.js';
import { EXIT } from '../exit-code.js';
import { renderExperiment } from '../render/experiment-detail.js';
import type { CommandContext } from './context.js';
import { get } from './get.js';

/** Shows everything about one experiment of a cluster. */
export async function describe(
  what: string,
  name: string | undefined,
  options: ClusterFlags,
  context: CommandContext,
): Promise<number> {
  const { out, err } = context.output;
  const wanted = namedOne(what, name);
  if (wanted.resource.kind === schedules.kind) return get(what, name, options, context);
  const { view, story, refusals } = await withCluster(options, (cluster) =>
    readExperiment(cluster, wanted.resource, wanted.name),
  );
  out.write(options.json ? asJson({ ...view, story }) : renderExperiment(view, story, Date.now(), out.paint));
  for (const refusal of refusals) err.write(`${err.paint('warned', `not shown: ${refusal}`)}\n`);
  return EXIT.ok;
}
