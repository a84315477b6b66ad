import { join } from 'node:path';
import { type ContainerState, readJson, statesBelow } from './container-state.js';

/** A container that runs on this host. */
export interface Container {
  readonly id: string;
  /** Process id of its first process, in this host's procfs. */
  readonly pid: number;
  /** Its pod's namespace and name, if it belongs to one. */
  readonly namespace: string | undefined;
  readonly podName: string | undefined;
  /** Its name in the pod, or the one that Docker gave it. */
  readonly name: string | undefined;
  /** It only holds the namespaces of a pod. */
  readonly sandbox: boolean;
  /** Labels and annotations alike: runtimes hand both to runc as annotations. */
  readonly labels: { readonly [key: string]: string };
}

/** Where runc and crun keep the state of running containers: directly, or a directory for each namespace below. */
const STATE_ROOTS = ['/run/runc', '/run/crun', '/run/containerd/runc', '/run/docker/runtime-runc'];
/** Where Docker keeps its containers' state. */
const DOCKER_CONTAINERS = '/var/lib/docker/containers';

/** Labels in which containerd and CRI-O name a container's pod. */
const POD_NAMESPACE = ['io.kubernetes.cri.sandbox-namespace', 'io.kubernetes.pod.namespace'];
const POD_NAME = ['io.kubernetes.cri.sandbox-name', 'io.kubernetes.pod.name'];
const NAME = ['io.kubernetes.cri.container-name', 'io.kubernetes.container.name'];
const KIND = [
  'io.kubernetes.cri.container-type',
  'io.kubernetes.cri-o.ContainerType',
  'io.kubernetes.docker.type',
];

/**
 * The containers that run on this host, whatever engine started them, in order of their ids: all engines use runc
 * or crun, whose state names id, first process and annotations.
 *
 * @param roots other places to look for state, for tests
 */
export function listContainers(roots: readonly string[] = STATE_ROOTS): Container[] {
  const found = roots.flatMap(statesBelow).map(containerOf);
  return found.sort((a, b) => a.id.localeCompare(b.id));
}

function containerOf({ id, pid, annotations }: ContainerState): Container {
  const docker = dockerConfig(id);
  const labels = { ...docker.labels, ...annotations };
  const first = (names: readonly string[]) =>
    names.map((name) => labels[name]).find((value) => value !== undefined);
  return {
    id,
    pid,
    namespace: first(POD_NAMESPACE),
    podName: first(POD_NAME),
    name: first(NAME) ?? docker.name,
    sandbox: ['sandbox', 'podsandbox'].includes(first(KIND) ?? ''),
    labels,
  };
}

/** Docker does not pass names and labels to runc. */
function dockerConfig(id: string): {
  readonly name: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
} {
  const config = readJson(join(DOCKER_CONTAINERS, id, 'config.v2.json')) as
    | { readonly Name?: string; readonly Config?: { readonly Labels?: Record<string, string> } }
    | undefined;
  return { name: config?.Name?.replace(/^\//, ''), labels: config?.Config?.Labels ?? {} };
}
