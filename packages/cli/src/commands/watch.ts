import { injections } from '@ordeal/controller';
import { asJson, OrdealError } from '@ordeal/diagnostics';
import { type ClusterFlags, withCluster } from '../cluster/cluster-flags.js';
import type { ExperimentView } from '../cluster/experiment-view.js';
import { wantedOf } from '../cluster/kinds.js';
import { lookAgain } from '../cluster/look-again.js';
import { type ClusterView, readCluster } from '../cluster/read-cluster.js';
import { EXIT } from '../exit-code.js';
import { catchStopSignals } from '../host/stop-signal.js';
import { renderChanges } from '../render/changes.js';
import { renderError } from '../render/error.js';
import type { CommandContext } from './context.js';

/** Prints each change of experiments, until Ctrl-C, or until the named one is deleted. */
export async function watch(
  what: string | undefined,
  name: string | undefined,
  options: ClusterFlags,
  { output }: CommandContext,
): Promise<number> {
  const { out, err } = output;
  const wanted = wantedOf(what, name);
  const stop = catchStopSignals();
  try {
    await withCluster(options, async (cluster) => {
      let before: ReadonlyMap<string, ExperimentView> = new Map();
      const look = async () => {
        const after = byName(
          await readCluster(cluster, wanted).catch((error) => nothingLeft(error, before.size > 0)),
        );
        const now = new Date();
        if (options.json) {
          for (const [key, view] of after) {
            if (JSON.stringify(before.get(key)) !== JSON.stringify(view)) out.write(asJson(view));
          }
        } else {
          out.write(
            renderChanges(before, after, { now, withNamespace: cluster.namespace === undefined }, out.paint),
          );
        }
        const isGone = wanted.name !== undefined && before.size > 0 && after.size === 0;
        before = after;
        return !isGone;
      };
      await lookAgain(cluster, {
        resources: [...wanted.resources, injections],
        signal: stop.signal,
        look,
        onError: (error) => err.write(renderError(error, err, false)),
      });
    });
  } finally {
    stop.dispose();
  }
  return EXIT.ok;
}

function byName({ experiments }: ClusterView): Map<string, ExperimentView> {
  return new Map(experiments.map((view) => [`${view.namespace}/${view.kind}/${view.name}`, view]));
}

/** The experiment that was watched does not exist any more. */
function nothingLeft(error: unknown, wasThere: boolean): ClusterView {
  if (!wasThere || !(error instanceof OrdealError) || error.code !== 'ORD-806') throw error;
  return { experiments: [], schedules: [], refusals: [] };
}
