import { type Draft, type KubeClient, type KubeObject, namespaces, refOf } from '@ordeal/kube';
import { stringify } from 'yaml';
import { refuseForeignDefinitions } from './foreign-definitions.js';
import { installedObjects } from './installed-objects.js';
import { type Manifest, type Release, renderChart } from './render-chart.js';
import { chartResources, resourceOf } from './resources.js';

/** The field manager of server-side apply. */
const FIELD_MANAGER = 'ordeal';

/** The objects of an installation in the order in which they are created, including the release's namespace. */
export function manifestsOf(release: Release): readonly Manifest[] {
  const { definitions, manifests } = renderChart(release);
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: release.namespace } };
  const rank = (manifest: Manifest) => chartResources.indexOf(resourceOf(manifest));
  return [...definitions, namespace, ...[...manifests].sort((a, b) => rank(a) - rank(b))];
}

/** The objects of an installation as one text for `kubectl apply -f`. */
export function manifestsText(release: Release): string {
  const texts = manifestsOf(release).map((manifest) =>
    stringify(manifest, { lineWidth: 110, aliasDuplicateObjects: false }),
  );
  return texts.join('---\n');
}

/** The result for one object of an installation. */
export type InstallEvent = { readonly manifest: Manifest; readonly outcome: 'applied' | 'kept' | 'removed' };

/**
 * Creates the objects of the chart, or updates them to the release, by server-side apply. Objects of an earlier
 * version or of other values that are no longer part of it are removed.
 *
 * @throws OrdealError ORD-807 if the values do not fit, ORD-808 if the cluster has CRDs of another system: nothing was
 *   touched then. ApiError where the server refuses an object: those before it are made.
 */
export async function install(
  client: KubeClient,
  release: Release,
  onEvent: (event: InstallEvent) => void = () => {},
): Promise<void> {
  const manifests = manifestsOf(release);
  const definitions = manifests.filter(({ kind }) => kind === 'CustomResourceDefinition');
  await refuseForeignDefinitions(
    client,
    definitions.map(({ metadata }) => metadata.name),
  );
  for (const manifest of manifests) {
    const resource = resourceOf(manifest);
    // An existing namespace may belong to somebody else.
    const kept = resource === namespaces && (await client.find(namespaces, manifest.metadata)) !== undefined;
    if (!kept) {
      await client.apply(resource, manifest as Draft<KubeObject>, {
        fieldManager: FIELD_MANAGER,
        force: true,
      });
    }
    onEvent({ manifest, outcome: kept ? 'kept' : 'applied' });
  }
  const wanted = new Set(manifests.map(keyOf));
  for (const { resource, manifest } of await installedObjects(client, release)) {
    if (wanted.has(keyOf(manifest))) continue;
    await client.delete(resource, refOf(manifest));
    onEvent({ manifest, outcome: 'removed' });
  }
}

function keyOf({ kind, metadata: { namespace = '', name } }: Manifest): string {
  return `${kind}/${namespace}/${name}`;
}
