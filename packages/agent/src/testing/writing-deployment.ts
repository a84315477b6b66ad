import { readdirSync, readFileSync } from 'node:fs';
import { ioChaos } from '@ordeal/controller';
import { type KubeClient, type KubeObject, namespaces, type Pod, pods, type Resource } from '@ordeal/kube';
import { freshNamespace, until } from '@ordeal/kube/testing';
import { sendSignal } from '@ordeal/linux';
import { PodOutput } from './pod-output.js';

export const deployments: Resource<KubeObject & { readonly spec: object }> = {
  group: 'apps',
  version: 'v1',
  plural: 'deployments',
  kind: 'Deployment',
  namespaced: true,
};

const NAME = 'writer';
/** Prints the result of each write, read and stat(2) on its volume. */
const PROGRAM = `echo intact >/data/fixed
while usleep 50000; do
  if echo line 2>/dev/null >>/data/log; then echo written; else echo not written; fi
  if [ "$(cat /data/fixed)" = intact ]; then echo read well; else echo read damaged; fi
  echo mode $(stat -c %a /data/fixed)
done`;

/** A Deployment of one pod that writes to an emptyDir, in a namespace of its own. The owner closes it. */
export class WritingDeployment {
  readonly #client: KubeClient;
  readonly namespace: string;
  readonly output: PodOutput;

  private constructor(client: KubeClient, namespace: string) {
    this.#client = client;
    this.namespace = namespace;
    this.output = new PodOutput(namespace, NAME);
  }

  /** Returns when it writes. */
  static async start(client: KubeClient): Promise<WritingDeployment> {
    const namespace = await freshNamespace(client);
    await client.create(deployments, {
      metadata: { namespace, name: NAME },
      spec: {
        selector: { matchLabels: { app: NAME } },
        template: {
          metadata: { labels: { app: NAME } },
          spec: {
            terminationGracePeriodSeconds: 1,
            containers: [
              {
                name: 'app',
                image: 'busybox:1',
                command: ['sh', '-c', PROGRAM],
                volumeMounts: [{ name: 'data', mountPath: '/data' }],
              },
            ],
            volumes: [{ name: 'data', emptyDir: {} }],
          },
        },
      },
    });
    const started = new WritingDeployment(client, namespace);
    await started.output.says('written');
    return started;
  }

  /** Makes an IOChaos for its pod: errors for each write by default. */
  async inject(
    spec: object = { action: 'fault', errno: 5, methods: ['write'] },
    name = this.experiment.name,
  ): Promise<void> {
    const target = { mode: 'all', selector: { labelSelectors: { app: NAME } }, volumePath: '/data' };
    await this.#client.create(ioChaos, {
      metadata: { namespace: this.namespace, name },
      spec: { ...target, ...spec },
    });
  }

  /** Deletes the IOChaos and waits until it is gone. */
  async heal(name = this.experiment.name): Promise<void> {
    const ref = { namespace: this.namespace, name };
    await this.#client.delete(ioChaos, ref);
    await until(this.#client, ioChaos, ref, (object) => object === undefined);
  }

  /** The IOChaos, unless another name is given. */
  get experiment(): { readonly namespace: string; readonly name: string } {
    return { namespace: this.namespace, name: 'trouble' };
  }

  async pod(): Promise<Pod> {
    return onlyPod(this.#client, this.namespace, `app=${NAME}`);
  }

  /** Its namespace is deleted with everything in it, asynchronously. */
  async close(): Promise<void> {
    this.output.close();
    await this.#client.delete(namespaces, { name: this.namespace });
  }
}

/** The only pod that is not being deleted. @throws Error if there is none or more than one */
export async function onlyPod(client: KubeClient, namespace: string, labelSelector: string): Promise<Pod> {
  const found: Pod[] = [];
  for await (const pod of client.list(pods, { namespace, labelSelector })) {
    if (pod.metadata.deletionTimestamp === undefined) found.push(pod);
  }
  const [pod] = found;
  if (pod === undefined || found.length > 1) throw new Error(`${found.length} pods with ${labelSelector}`);
  return pod;
}

/** Whether a process of a pod on this machine sees a fault file system. */
export function isCovered(pod: Pod): boolean {
  return processesOf(pod).some((pid) => read(`/proc/${pid}/mountinfo`).includes('fuse.ordeal'));
}

/** The processes in the cgroups of a pod on this machine, with those of its sandbox. */
export function processesOf({ metadata }: Pod): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && read(`/proc/${name}/cgroup`).includes(`/pod${metadata.uid}/`))
    .map(Number);
}

/** Sends a signal to each process that has not ended: the first one of a container takes the others with it. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) sendSignal(pid, signal);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
