import { chartVersion } from '@ordeal/chart';
import { type EventRecorder, type KubeClient, type Outcome, Reflector } from '@ordeal/kube';
import { type RemoteClusterObject, remoteClusters } from '../api/kinds.js';
import { Connections } from './connections.js';
import { RemoteClusterReconciler } from './remote-cluster-reconciler.js';
import { RemoteExperimentReconciler } from './remote-experiment-reconciler.js';

export interface RemotesOptions {
  readonly events: EventRecorder;
  readonly onError: (what: string, error: unknown) => void;
  readonly patienceMs: number;
  /** Adds an object to the controller's queue: `Kind/namespace/name`, without the namespace for a RemoteCluster. */
  readonly add: (key: string) => void;
  /** The keys of the experiments for a cluster. */
  readonly experimentsOf: (cluster: string) => Iterable<string>;
}

/** The remote clusters: their list, their connections, and the reconcilers of them and their experiments. */
export class Remotes {
  readonly experiments: RemoteExperimentReconciler;
  readonly #connections: Connections;
  readonly #clusters: RemoteClusterReconciler;
  readonly #reflector: Reflector<RemoteClusterObject>;

  constructor(client: KubeClient, { events, onError, patienceMs, add, experimentsOf }: RemotesOptions) {
    this.#connections = new Connections({
      client,
      onError,
      // A copy has the name and the namespace of its experiment.
      onChange: (kind, { metadata }) => add(`${kind}/${metadata.namespace}/${metadata.name}`),
    });
    const common = { client, connections: this.#connections, events, patienceMs };
    this.#clusters = new RemoteClusterReconciler({ ...common, version: chartVersion() });
    this.#reflector = new Reflector(client, remoteClusters, {
      onChange: ({ metadata: { name } }) => {
        add(`${remoteClusters.kind}//${name}`);
        for (const key of experimentsOf(name)) add(key);
      },
      onError: (error) => onError(remoteClusters.kind, error),
    });
    this.experiments = new RemoteExperimentReconciler({
      ...common,
      remoteCluster: (name) => this.#reflector.get(undefined, name),
    });
  }

  async reconcile(name: string): Promise<Outcome> {
    const object = this.#reflector.get(undefined, name);
    return object && this.#clusters.reconcile(object);
  }

  async close(): Promise<void> {
    await this.#reflector.close();
    await this.#connections.closeAll();
  }
}
