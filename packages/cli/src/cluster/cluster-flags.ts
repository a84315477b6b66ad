import { connect, type KubeClient } from '@ordeal/kube';
import type { Command } from 'commander';

/** What says which cluster, and where in it. */
export interface ClusterFlags {
  readonly namespace?: string;
  readonly allNamespaces?: true;
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly json?: true;
}

/** The flags of kubectl, with its meanings. @param namespace in place of the one that the context names */
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

/** Does something with the cluster that the flags name. @throws OrdealError ORD-803 where the kubeconfig cannot be used */
export async function withCluster<T>(
  flags: ClusterFlags,
  action: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  const { kubeconfig, context } = flags;
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
