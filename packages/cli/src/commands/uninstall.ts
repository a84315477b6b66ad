import { uninstall as remove } from '@ordeal/chart';
import { asJson } from '@ordeal/diagnostics';
import { type ClusterFlags, withCluster } from '../cluster/cluster-flags.js';
import { EXIT } from '../exit-code.js';
import { catchStopSignals } from '../host/stop-signal.js';
import { counted } from '../render/number.js';
import type { CommandContext } from './context.js';

export interface UninstallFlags extends ClusterFlags {
  readonly name: string;
  readonly namespace: string;
  readonly experiments?: true;
  readonly crds?: true;
}

/** Removes Ordeal from a cluster; all faults are lifted first. */
export async function uninstall(flags: UninstallFlags, { output }: CommandContext): Promise<number> {
  const { name, namespace } = flags;
  const stop = catchStopSignals();
  try {
    await withCluster(flags, ({ client }) =>
      remove(
        client,
        { name, namespace },
        {
          experiments: flags.experiments === true,
          definitions: flags.crds === true,
          signal: stop.signal,
          onRemoved: ({ kind, metadata }) =>
            output.out.write(
              flags.json
                ? asJson({ kind, namespace: metadata.namespace, name: metadata.name, outcome: 'removed' })
                : `${kind.toLowerCase()}/${metadata.name} removed\n`,
            ),
          onWaiting: (count) =>
            output.err.write(`waiting until the faults of ${counted(count, 'experiment')} are lifted\n`),
        },
      ),
    );
  } finally {
    stop.dispose();
  }
  return EXIT.ok;
}
