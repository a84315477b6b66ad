import type { KubeClient } from '@ordeal/kube';
import type { Command } from 'commander';

/** The flags that choose the cluster and the namespace. */
export interface ClusterFlags {
  readonly namespace?: string;
  readonly allNamespaces?: true;
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly json?: true;
}

/** The same flags as kubectl's. @param namespace the default, instead of that of the context */
export function addConnectionFlags(command: Command, namespace?: string): Command {
  return command
    .option(
      '-n, --namespace <name>',
      `in this namespace${namespace === undefined ? ' (default: that of the context)' : ''}`,
      namespace,
    )
    .option('--context <name>', 'the context of the kubeconfig (default: its current one)')
    .option('--kubeconfig <file>', 'the kubeconfig (default: $KUBECONFIG, then ~/.kube/config)');
}

/** A cluster that a command reads. */
export interface Cluster {
  readonly client: KubeClient;
  /** All namespaces when undefined. */
  readonly namespace: string | undefined;
}

/**
 * Runs an action on the cluster that the flags choose.
 *
 * @throws OrdealError ORD-803 if the kubeconfig cannot be used
 */
export async function withCluster<T>(
  flags: ClusterFlags,
  action: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  const { kubeconfig, context } = flags;
  // Not before a command needs a cluster: it would make every other one start later.
  const { connect } = await import('@ordeal/kube');
  const client = await connect({ files: kubeconfig === undefined ? undefined : [kubeconfig], context });
  try {
    return await action({
      client,
      namespace: flags.allNamespaces ? undefined : (flags.namespace ?? client.namespace),
    });
  } finally {
    client.close();
  }
}
