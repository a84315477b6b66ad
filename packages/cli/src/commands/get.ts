import { asJson } from '@ordeal/diagnostics';
import { type ClusterFlags, withCluster } from '../cluster/cluster-flags.js';
import { wantedOf } from '../cluster/kinds.js';
import { readCluster } from '../cluster/read-cluster.js';
import { EXIT } from '../exit-code.js';
import { renderCluster } from '../render/cluster.js';
import type { CommandContext } from './context.js';

export interface GetOptions extends ClusterFlags {
  readonly pods?: true;
}

/** Lists experiments and schedules of a cluster. */
export async function get(
  what: string | undefined,
  name: string | undefined,
  options: GetOptions,
  { output }: CommandContext,
): Promise<number> {
  const wanted = wantedOf(what, name);
  const view = await withCluster(options, (cluster) => readCluster(cluster, wanted));
  if (options.json) {
    output.out.write(asJson(view));
    return EXIT.ok;
  }
  const list = {
    allNamespaces: options.allNamespaces === true,
    pods: options.pods === true,
    now: Date.now(),
  };
  output.out.write(renderCluster(view, list, output.out.paint));
  for (const refusal of view.refusals)
    output.err.write(`${output.err.paint('warned', `not shown: ${refusal}`)}\n`);
  return EXIT.ok;
}
