import { apiVersionOf, type KubeClient, type Resource } from '@ordeal/kube';
import type { Manifest, Release } from './render-chart.js';
import { chartResources, deployments } from './resources.js';

export interface InstalledObject {
  readonly resource: Resource;
  readonly manifest: Manifest;
}

/** The objects that `install` has created for a release, in the order of creation. CRDs belong to no release. */
export async function installedObjects(
  client: KubeClient,
  { name }: Pick<Release, 'name'>,
  managedBy = 'ordeal',
): Promise<InstalledObject[]> {
  const labelSelector = selectorOf(name, managedBy);
  const found: InstalledObject[] = [];
  for (const resource of chartResources) {
    for await (const { metadata } of client.list(resource, { labelSelector })) {
      const manifest = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata };
      found.push({ resource, manifest });
    }
  }
  return found;
}

/** The version of a release; undefined if it is not installed. */
export async function installedVersion(
  client: KubeClient,
  { name, namespace }: Pick<Release, 'name' | 'namespace'>,
): Promise<string | undefined> {
  const labelSelector = selectorOf(name, 'ordeal');
  for await (const { metadata } of client.list(deployments, { namespace, labelSelector })) {
    return metadata.labels?.['app.kubernetes.io/version'];
  }
  return undefined;
}

function selectorOf(name: string, managedBy: string): string {
  return `app.kubernetes.io/instance=${name},app.kubernetes.io/name=ordeal,app.kubernetes.io/managed-by=${managedBy}`;
}
