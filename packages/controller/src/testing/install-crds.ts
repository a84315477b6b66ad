import type { KubeClient } from '@ordeal/kube';
import { installDefinitions } from '@ordeal/kube/testing';
import { customResourceDefinitions, oldGroupDefinitions } from '../crd/crds.js';

/** Installs our CRDs, also those of the old group, and waits until they are served. */
export function installCrds(client: KubeClient): Promise<void> {
  return installDefinitions(client, [...customResourceDefinitions(), ...oldGroupDefinitions()]);
}
