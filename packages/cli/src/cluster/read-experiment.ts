import { type ExperimentObject, injections } from '@ordeal/controller';
import { ApiError, events, type KubeObject, type Resource } from '@ordeal/kube';
import type { Cluster } from './cluster-flags.js';
import { type ExperimentView, viewOf } from './experiment-view.js';
import { listOf, noSuch } from './read-cluster.js';
import { type StoryLine, storyOf } from './story.js';

/** One experiment with its history. */
export interface ExperimentDetail {
  readonly view: ExperimentView;
  readonly story: readonly StoryLine[];
  /** What this user may not read. */
  readonly refusals: readonly string[];
}

/** @throws OrdealError ORD-805 without our CRDs, ORD-806 if it does not exist, ORD-801 if it may not be read */
export async function readExperiment(
  cluster: Cluster,
  resource: Resource,
  name: string,
): Promise<ExperimentDetail> {
  const [object] = await listOf(cluster, resource, name);
  if (object === undefined) throw noSuch(cluster, [resource], name);
  const refusals: string[] = [];
  const list = async <T extends KubeObject>(of: Resource<T>, fieldSelector?: string): Promise<T[]> => {
    try {
      const found: T[] = [];
      const selection = { namespace: object.metadata.namespace, ...(fieldSelector ? { fieldSelector } : {}) };
      for await (const each of cluster.client.list(of, selection)) found.push(each);
      return found;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 403) throw error;
      refusals.push(error.message);
      return [];
    }
  };
  const experiment = object as ExperimentObject;
  const happened = await list(events, `involvedObject.uid=${experiment.metadata.uid}`);
  return {
    view: viewOf(resource.kind, experiment, await list(injections)),
    story: storyOf(experiment, happened),
    refusals,
  };
}
