import { inClusterAccess } from './access/in-cluster.js';
import { type KubeconfigOptions, kubeconfigAccess } from './access/kubeconfig.js';
import { kubeconfigTextAccess } from './access/kubeconfig-text.js';
import { KubeClient } from './client.js';
import { Transport } from './transport.js';

export interface ConnectOptions extends KubeconfigOptions {
  /** Acts as this user, if RBAC allows it. */
  readonly impersonate?: string;
}

/**
 * A client for the cluster of the kubeconfig. The caller closes it.
 *
 * @throws OrdealError ORD-803 if the kubeconfig cannot be used
 */
export async function connect({ impersonate, ...options }: ConnectOptions = {}): Promise<KubeClient> {
  const headers = impersonate === undefined ? {} : { 'Impersonate-User': impersonate };
  return new KubeClient(new Transport(await kubeconfigAccess(options), headers));
}

/**
 * A client for the cluster of an untrusted kubeconfig, from a Secret for example: no program is run for it, and no file
 * read. The caller closes it.
 *
 * @param name the text's name in messages
 * @throws OrdealError ORD-803 if it cannot be used
 */
export async function connectWithText(text: string, name: string): Promise<KubeClient> {
  return new KubeClient(new Transport(await kubeconfigTextAccess(text, name)));
}

/**
 * A client for the cluster that this pod runs in, by its service account. The caller closes it.
 *
 * @throws OrdealError ORD-803 outside of a pod
 */
export async function connectInCluster(): Promise<KubeClient> {
  return new KubeClient(new Transport(await inClusterAccess()));
}
