import type { KubeClient, KubeObject, Resource } from '@ordeal/kube';
import { until } from '@ordeal/kube/testing';

const AGENT = { namespace: 'ordeal', name: 'ordeal-agent' };

interface DaemonSet extends KubeObject {
  readonly spec: { readonly template: { readonly spec: { readonly containers: readonly [Container] } } };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly updatedNumberScheduled?: number;
    readonly numberReady?: number;
  };
}
interface Container {
  readonly name: string;
  readonly args: readonly string[];
}
const daemonSets: Resource<DaemonSet> = {
  group: 'apps',
  version: 'v1',
  plural: 'daemonsets',
  kind: 'DaemonSet',
  namespaced: true,
};

/**
 * Replaces the node's agent by one with other arguments, and waits until it is ready.
 *
 * @returns a function that replaces it by one as it was before
 */
export async function rollOut(
  client: KubeClient,
  changed: { readonly [option: string]: string } = {},
): Promise<() => Promise<void>> {
  const { spec } = await client.get(daemonSets, AGENT);
  const [container] = spec.template.spec.containers;
  const replace = async (wanted: readonly string[]) => {
    const annotations = { 'ordeal-test/replaced': `${process.pid} ${performance.now()}` };
    const template = { metadata: { annotations }, spec: { containers: [{ ...container, args: wanted }] } };
    const { metadata } = await client.patch(daemonSets, AGENT, { spec: { template } });
    await until(client, daemonSets, AGENT, (object) => {
      const { observedGeneration = 0, updatedNumberScheduled, numberReady } = object?.status ?? {};
      return (
        observedGeneration >= (metadata.generation ?? 0) && updatedNumberScheduled === 1 && numberReady === 1
      );
    });
  };
  const options = container.args.map((each) => each.split('=') as [string, string]);
  await replace(options.map(([name, value]) => `${name}=${changed[name] ?? value}`));
  return () => replace(container.args);
}
