import {
  type ExperimentObject,
  type Injection,
  injections,
  type ScheduleObject,
  schedules,
} from '@ordeal/controller';
import { OrdealError } from '@ordeal/diagnostics';
import { ApiError, isNotFound, type KubeObject, type Resource } from '@ordeal/kube';
import type { Cluster } from './cluster-flags.js';
import { type ExperimentView, viewOf } from './experiment-view.js';
import { shortName, type Wanted } from './kinds.js';

/** A schedule as it is listed. */
export interface ScheduleView {
  readonly kind: 'Schedule';
  readonly namespace: string;
  readonly name: string;
  readonly schedule: string;
  readonly type: string;
  readonly last: string | undefined;
  readonly next: string | undefined;
  readonly active: readonly string[];
  readonly message: string;
  readonly createdAt: string;
}

export interface ClusterView {
  readonly experiments: readonly ExperimentView[];
  readonly schedules: readonly ScheduleView[];
  /** What this user may not read. */
  readonly refusals: readonly string[];
}

/**
 * Reads the experiments of a cluster.
 *
 * @throws OrdealError ORD-805 without our CRDs, ORD-806 if a named object does not exist, ORD-801 if the user may
 * read none of the requested objects
 */
export async function readCluster(cluster: Cluster, { resources, name }: Wanted): Promise<ClusterView> {
  const refused: ApiError[] = [];
  const list = async <T extends KubeObject>(resource: Resource<T>, named?: string): Promise<T[]> => {
    try {
      return await listOf(cluster, resource, named);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 403) throw error;
      refused.push(error);
      return [];
    }
  };
  const found = await Promise.all(
    resources.map(async (resource) => ({ resource, objects: await list(resource, name) })),
  );
  const [firstRefusal] = refused;
  if (firstRefusal !== undefined && refused.length === resources.length)
    throw withHint(firstRefusal, cluster);
  if (name !== undefined && found.every(({ objects }) => objects.length === 0))
    throw noSuch(cluster, resources, name);
  const experiments = found.filter(
    ({ resource, objects }) => resource.kind !== schedules.kind && objects.length > 0,
  );
  const ofPods: Injection[] = experiments.length === 0 ? [] : await list(injections);
  return {
    experiments: experiments.flatMap(({ resource, objects }) =>
      objects.map((object) => viewOf(resource.kind, object as ExperimentObject, ofPods)),
    ),
    schedules: found
      .filter(({ resource }) => resource.kind === schedules.kind)
      .flatMap(({ objects }) => objects.map((object) => scheduleView(object as ScheduleObject))),
    refusals: refused.map(({ message }) => message),
  };
}

/** The objects of a kind, or the one of a name. @throws OrdealError ORD-805 without the CRD, ApiError */
export async function listOf<T extends KubeObject>(
  { client, namespace }: Cluster,
  resource: Resource<T>,
  name?: string,
): Promise<T[]> {
  const objects: T[] = [];
  const fieldSelector = name === undefined ? {} : { fieldSelector: `metadata.name=${name}` };
  try {
    for await (const object of client.list(resource, { namespace, ...fieldSelector })) objects.push(object);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const { plural, group } = resource;
    throw new OrdealError(
      'ORD-805',
      `Ordeal is not installed in this cluster: it has no ${plural}.${group}`,
      {
        cause: error,
      },
    );
  }
  return objects;
}

function withHint(error: ApiError, { namespace }: Cluster): OrdealError {
  const where = namespace === undefined ? '-A' : `-n ${namespace}`;
  const hint = `Ask for permission to get, list and watch it; see kubectl auth can-i --list ${where}.`;
  return new OrdealError('ORD-801', error.message, { hint, cause: error });
}

/** There is no object with this name. */
export function noSuch({ namespace }: Cluster, resources: readonly Resource[], name: string): OrdealError {
  const [resource] = resources;
  const what =
    resources.length === 1 && resource !== undefined ? shortName(resource.kind, name) : `'${name}'`;
  const where = namespace === undefined ? 'any namespace' : `namespace ${namespace}`;
  return new OrdealError('ORD-806', `there is no ${what} in ${where}`);
}

function scheduleView({ metadata, spec, status }: ScheduleObject): ScheduleView {
  return {
    kind: 'Schedule',
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    schedule: String(spec.schedule ?? ''),
    type: String(spec.type ?? ''),
    last: status?.time,
    next: status?.next,
    active: (status?.active ?? []).map(({ kind, name }) => shortName(kind, name)),
    message: status?.message ?? '',
    createdAt: metadata.creationTimestamp,
  };
}
