import { readFileSync } from 'node:fs';
import { type Container, listContainers } from './containers.js';
import { namedContainer } from './named-container.js';

/** A container as Kubernetes names it. The uid distinguishes the pod from a later one of the same name. */
export interface PodContainer {
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  readonly container: string;
}

/** That container if it runs on this host now; undefined if it does not. */
export function findPodContainer({ namespace, pod, uid, container }: PodContainer): Container | undefined {
  return listContainers().find(
    (each) =>
      !each.sandbox &&
      each.namespace === namespace &&
      each.podName === pod &&
      each.name === container &&
      isInPod(readCgroups(each.pid), uid),
  );
}

/**
 * A running container by the name that it keeps when it is started again: in its pod where it belongs to one, else its
 * whole id. Undefined if this host does not tell of such a container.
 *
 * @param text its id, one of its names, or the only beginning of either
 * @throws OrdealError ORD-305 if several match
 */
export function nameContainer(text: string): PodContainer | { readonly id: string } | undefined {
  const found = namedContainer(text, listContainers());
  if (found === undefined) return undefined;
  const { namespace, podName: pod, name: container } = found;
  const uid = podUid(readCgroups(found.pid));
  if (namespace === undefined || pod === undefined || container === undefined || uid === undefined)
    return { id: found.id };
  return { namespace, pod, uid, container };
}

/** The uid of the pod that a process is in a cgroup of; undefined if there is none. Pure. */
export function podUid(cgroups: string): string | undefined {
  return /[/-]pod([0-9a-f]{8}([-_][0-9a-f]{4}){3}[-_][0-9a-f]{12})(\.slice)?\//
    .exec(cgroups)?.[1]
    ?.replaceAll('_', '-');
}

/**
 * Whether a process is in a cgroup of the pod. The kubelet names it `pod<uid>`, and with the systemd driver
 * `kubepods-…-pod<uid with underscores>.slice`. Pure.
 *
 * @param cgroups the text of `/proc/PID/cgroup`
 */
export function isInPod(cgroups: string, uid: string): boolean {
  return [`/pod${uid}/`, `-pod${uid.replaceAll('-', '_')}.slice/`].some((part) => cgroups.includes(part));
}

/** Empty if the process has ended. */
function readCgroups(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  } catch {
    return '';
  }
}
