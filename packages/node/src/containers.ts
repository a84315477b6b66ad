import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

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
 * (or crun), whose state files name id, first process and annotations.
 *
 * @param roots other places to look for state, for tests
 */
export function listContainers(roots: readonly string[] = STATE_ROOTS): Container[] {
  const found = roots.flatMap((root) => entries(root).flatMap((name) => stateBelow(join(root, name))));
  return found.sort((a, b) => a.id.localeCompare(b.id));
}

/** The state of one container, or of all containers of a namespace. */
function stateBelow(directory: string): Container[] {
  const own = readContainer(join(directory, 'state.json'));
  if (own) return [own];
  return entries(directory).flatMap((name) => readContainer(join(directory, name, 'state.json')) ?? []);
}

function readContainer(path: string): Container | undefined {
  const state = readJson(path) as
    | {
        readonly id?: string;
        readonly init_process_pid?: number;
        readonly config?: { readonly labels?: string[] };
      }
    | undefined;
  if (state?.id === undefined || state.init_process_pid === undefined) return undefined;
  const docker = dockerConfig(state.id);
  const labels = { ...docker.labels, ...Object.fromEntries((state.config?.labels ?? []).map(pair)) };
  const first = (names: readonly string[]) =>
    names.map((name) => labels[name]).find((value) => value !== undefined);
  return {
    id: state.id,
    pid: state.init_process_pid,
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

/** `key=value`; the value may contain `=`. */
function pair(text: string): [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Undefined for what is missing, unreadable or half written: the container is not there (any more). */
function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
