import { apiVersionOf, type KubeClient, type Resource } from '@ordeal/kube';
import type { Manifest, Release } from './render-chart.js';
import { chartResources } from './resources.js';

export interface InstalledObject {
  readonly resource: Resource;
  readonly manifest: Manifest;
}

/** The objects that `install` has made for a release, in the order in which they are made. CRDs belong to no release. */
export async function installedObjects(
  client: KubeClient,
  { name }: Pick<Release, 'name'>,
  managedBy = 'ordeal',
): Promise<InstalledObject[]> {
  const labelSelector = `app.kubernetes.io/instance=${name},app.kubernetes.io/name=ordeal,app.kubernetes.io/managed-by=${managedBy}`;
  const found: InstalledObject[] = [];
  for (const resource of chartResources) {
    for await (const { metadata } of client.list(resource, { labelSelector })) {
      const manifest = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata };
      found.push({ resource, manifest });
    }
  }
  return found;
}
