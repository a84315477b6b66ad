import { createHash } from 'node:crypto';
import { OrdealError } from '@ordeal/diagnostics';
import { connectWithText, type KubeClient, Reflector, refOf, secrets } from '@ordeal/kube';
import {
  type ChaosKind,
  chaosResources,
  type ExperimentObject,
  type RemoteClusterObject,
} from '../api/kinds.js';

/** The annotation of every copy: the cluster and object that it is a copy of. */
export const ORIGIN_LABEL = 'chaos-mesh.org/origin-uid';

export interface ConnectionsOptions {
  /** Client of this cluster, which has the Secrets. */
  readonly client: KubeClient;
  /** A copy in another cluster has changed. */
  readonly onChange: (kind: ChaosKind, copy: ExperimentObject) => void;
  readonly onError: (what: string, error: unknown) => void;
}

interface Connection {
  readonly client: KubeClient;
  /** Hash of the kubeconfig: a changed one needs a new connection. */
  readonly hash: string;
  reflectors: readonly Reflector<ExperimentObject>[];
}

/** The clients of remote clusters, each valid as long as its RemoteCluster has the same kubeconfig. */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #open = new Map<string, Connection>();

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  /** The client of a cluster that was connected to before. */
  get(name: string): KubeClient | undefined {
    return this.#open.get(name)?.client;
  }

  /** @throws OrdealError ORD-803 if the Secret or the kubeconfig in it cannot be used */
  async connect(remote: RemoteClusterObject): Promise<KubeClient> {
    const { name } = remote.metadata;
    const { secretRef } = remote.spec.kubeConfig;
    const where = `key '${secretRef.key}' of Secret ${secretRef.namespace}/${secretRef.name}`;
    const secret = await this.#options.client.find(secrets, refOf({ metadata: secretRef }));
    const data = secret?.data?.[secretRef.key];
    if (data === undefined) throw new OrdealError('ORD-803', `there is no ${where}`);
    const text = Buffer.from(data, 'base64').toString();
    const hash = createHash('sha256').update(text).digest('hex');
    const known = this.#open.get(name);
    if (known?.hash === hash) return known.client;
    const client = await connectWithText(text, where);
    await this.close(name);
    this.#open.set(name, { client, hash, reflectors: [] });
    return client;
  }

  /** Follows the copies in a connected cluster, once its CRDs exist. Idempotent. */
  follow(name: string): void {
    const connection = this.#open.get(name);
    if (connection === undefined || connection.reflectors.length > 0) return;
    const { onChange, onError } = this.#options;
    connection.reflectors = (Object.keys(chaosResources) as ChaosKind[]).map(
      (kind) =>
        new Reflector(connection.client, chaosResources[kind], {
          labelSelector: ORIGIN_LABEL,
          onChange: (copy) => onChange(kind, copy),
          onError: (error) => onError(`${kind} of cluster ${name}`, error),
        }),
    );
  }

  /** Forgets a cluster. Idempotent. */
  async close(name: string): Promise<void> {
    const connection = this.#open.get(name);
    this.#open.delete(name);
    if (connection === undefined) return;
    await Promise.all(connection.reflectors.map((reflector) => reflector.close()));
    connection.client.close();
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((name) => this.close(name)));
  }
}
