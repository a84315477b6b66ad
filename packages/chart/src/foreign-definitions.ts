import { OrdealError } from '@ordeal/diagnostics';
import { customResourceDefinitions, type KubeClient } from '@ordeal/kube';

/** Carried by every CustomResourceDefinition of ours. */
const LABEL = 'app.kubernetes.io/part-of';

/**
 * Refuses a cluster that has CustomResourceDefinitions of our names from another system: two controllers must not act on the
 * same objects.
 *
 * @param names such as `iochaos.chaos-mesh.org`
 * @throws OrdealError ORD-808 with those that are not ours
 */
export async function refuseForeignDefinitions(client: KubeClient, names: readonly string[]): Promise<void> {
  const found = await Promise.all(names.map((name) => client.find(customResourceDefinitions, { name })));
  const foreign = found.filter((each) => each !== undefined && each.metadata.labels?.[LABEL] !== 'ordeal');
  if (foreign.length === 0) return;
  const list = foreign.map((each) => each?.metadata.name).join(' ');
  throw new OrdealError(
    'ORD-808',
    'the cluster has the CustomResourceDefinitions of another system, such as Chaos Mesh',
    {
      detail: foreign.map((each) => `${each?.metadata.name}`),
      hint: `Uninstall that system first (helm uninstall chaos-mesh -n chaos-mesh), then remove what it leaves and all experiments with it: kubectl delete crd ${list}`,
    },
  );
}
