import { setTimeout as delay } from 'node:timers/promises';
import { OrdealError } from '@ordeal/diagnostics';
import {
  customResourceDefinitions,
  isNotFound,
  type KubeClient,
  type KubeObject,
  type Resource,
  refOf,
} from '@ordeal/kube';
import { refuseForeignDefinitions } from './foreign-definitions.js';
import { installedObjects } from './installed-objects.js';
import { type Manifest, type Release, renderChart } from './render-chart.js';

const LOOK_AGAIN_MS = 500;

export interface UninstallOptions {
  /** Experiments are deleted first, and all faults lifted. */
  readonly experiments: boolean;
  /** The CustomResourceDefinitions are removed, too. */
  readonly definitions: boolean;
  readonly onRemoved: (manifest: Manifest) => void;
  /** Called with the number of experiments whose faults are still being lifted. */
  readonly onWaiting: (experiments: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Removes what `install` has created. The controller and the agents go last, when all faults are lifted.
 *
 * @throws OrdealError ORD-806 if there is no such installation, ORD-808 where Helm made it, ORD-809 if there are
 * experiments that must not be deleted: nothing was touched then
 */
export async function uninstall(
  client: KubeClient,
  release: Release,
  options: UninstallOptions,
): Promise<void> {
  const { name } = release;
  const objects = await installedObjects(client, release);
  if (objects.length === 0) {
    if ((await installedObjects(client, release, 'Helm')).length === 0) {
      throw new OrdealError('ORD-806', `there is no installation '${name}' that ordeal install made`);
    }
    throw new OrdealError('ORD-808', `Helm made the installation '${name}'`, {
      hint: `Remove it with helm uninstall ${name}.`,
    });
  }
  // Those of the old group may be there since an earlier release.
  const whole = renderChart({ name, namespace: release.namespace, values: { oldGroup: { enabled: true } } });
  const isDefinition = ({ kind }: Manifest) => kind === customResourceDefinitions.kind;
  const definitions = [...whole.manifests.filter(isDefinition), ...whole.definitions];
  await takeBack(client, definitions.map(resourceOfDefinition), options);
  for (const { resource, manifest } of objects.reverse()) {
    await client.delete(resource, refOf(manifest));
    options.onRemoved(manifest);
  }
  if (!options.definitions) return;
  await refuseForeignDefinitions(
    client,
    definitions.map(({ metadata }) => metadata.name),
  );
  for (const definition of definitions) {
    await client.delete(customResourceDefinitions, refOf(definition));
    options.onRemoved(definition);
  }
}

/** Deletes all experiments and waits until they are gone. */
async function takeBack(
  client: KubeClient,
  resources: readonly Resource[],
  { experiments, onWaiting, signal }: UninstallOptions,
): Promise<void> {
  for (let before = -1; ; ) {
    const found = await objectsOf(client, resources);
    if (found.length === 0) return;
    if (!experiments) {
      const names = found.slice(0, 5).map(({ resource, object: { metadata } }) => {
        return `${resource.plural}/${metadata.name}${resource.namespaced ? ` in ${metadata.namespace}` : ''}`;
      });
      const still = found.length === 1 ? 'is still 1 experiment' : `are still ${found.length} experiments`;
      throw new OrdealError('ORD-809', `there ${still}`, { detail: names });
    }
    for (const { resource, object } of found) {
      if (object.metadata.deletionTimestamp === undefined) await client.delete(resource, refOf(object));
    }
    if (found.length !== before) onWaiting(found.length);
    before = found.length;
    await delay(LOOK_AGAIN_MS, undefined, signal === undefined ? {} : { signal }).catch(() => {});
    if (signal?.aborted) {
      throw new OrdealError(
        'ORD-809',
        'stopped: the faults of experiments are still being lifted, and the rest is there',
        {
          hint: 'Run the same command again to continue.',
        },
      );
    }
  }
}

async function objectsOf(client: KubeClient, resources: readonly Resource[]) {
  const found: { readonly resource: Resource; readonly object: KubeObject }[] = [];
  for (const resource of resources) {
    try {
      for await (const object of client.list(resource)) found.push({ resource, object });
    } catch (error) {
      // The CRD is gone already.
      if (!isNotFound(error)) throw error;
    }
  }
  return found;
}

function resourceOfDefinition(definition: Manifest): Resource {
  const { spec } = definition as Manifest & {
    readonly spec: {
      readonly group: string;
      readonly scope: string;
      readonly names: { readonly plural: string; readonly kind: string };
      readonly versions: readonly { readonly name: string }[];
    };
  };
  const { plural, kind } = spec.names;
  const version = spec.versions[0]?.name ?? '';
  return { group: spec.group, version, plural, kind, namespaced: spec.scope === 'Namespaced' };
}
