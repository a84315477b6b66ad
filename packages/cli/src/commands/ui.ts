import { once } from 'node:events';
import { OrdealError } from '@ordeal/diagnostics';
import { type Host, UiServer } from '@ordeal/ui';
import { type ClusterFlags, withCluster } from '../cluster/cluster-flags.js';
import { EXIT } from '../exit-code.js';
import { portFlag } from '../flags/port-flag.js';
import { requireRoot } from '../host/require-root.js';
import { catchStopSignals } from '../host/stop-signal.js';
import { pageHost } from '../page/page-host.js';
import type { CommandContext } from './context.js';

export interface UiOptions extends ClusterFlags {
  readonly cluster?: true;
  readonly port?: string;
  readonly json?: true;
}

/** Serves the page of this host, or of a cluster, until Ctrl-C; the runs go on without it. */
export async function ui(options: UiOptions, context: CommandContext): Promise<number> {
  if (options.cluster) {
    return withCluster(options, async (cluster) => {
      const { clusterHost } = await import('../page/cluster-host.js');
      return serve(clusterHost(cluster), 'in this cluster', options, context);
    });
  }
  const { namespace, allNamespaces, context: named, kubeconfig } = options;
  if ([namespace, allNamespaces, named, kubeconfig].some((flag) => flag !== undefined))
    throw new OrdealError('ORD-901', 'Flags for a cluster need --cluster: the page is that of this host');
  requireRoot('The page of this host');
  return serve(pageHost(context.runDirectory), 'on this host', options, context);
}

async function serve(
  host: Host,
  where: string,
  { port, json }: UiOptions,
  { output: { out } }: CommandContext,
): Promise<number> {
  const wanted = port === undefined ? 0 : portFlag(port);
  const stop = catchStopSignals();
  const server = await UiServer.listen(host, wanted);
  try {
    if (json) out.write(`${JSON.stringify({ type: 'listening', url: server.url })}\n`);
    else out.write(`${server.url}\n  whoever has this address can change faults ${where}; Ctrl-C ends it\n`);
    if (!stop.signal.aborted) await once(stop.signal, 'abort');
    return EXIT.ok;
  } finally {
    await server.close();
    stop.dispose();
  }
}
