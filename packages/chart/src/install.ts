import { type Draft, type KubeClient, type KubeObject, namespaces, refOf } from '@ordeal/kube';
import { stringify } from 'yaml';
import { refuseForeignDefinitions } from './foreign-definitions.js';
import { installedObjects } from './installed-objects.js';
import { type Manifest, type Release, renderChart } from './render-chart.js';
import { chartResources, resourceOf } from './resources.js';

/** Who owns the fields that are written. */
const FIELD_MANAGER = 'ordeal';

/** The objects of an installation in the order in which they are made, the release's namespace among them. */
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

/** What becomes of an object of an installation. */
export type InstallEvent = { readonly manifest: Manifest; readonly outcome: 'applied' | 'kept' | 'removed' };

/**
 * Makes the objects of the chart, or brings them to what the release says, by server-side apply. What an earlier version or
 * other values made and these do not is removed.
 *
 * @throws OrdealError ORD-807 where the values do not fit, ORD-808 where the cluster has CRDs of another system: nothing was
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
    // A namespace that is there already may belong to somebody else.
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
