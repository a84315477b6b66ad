import { readFileSync } from 'node:fs';
import { type Container, listContainers } from './containers.js';

/** A container as Kubernetes names it. The uid tells the pod from a later one of the same name. */
export interface PodContainer {
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  readonly container: string;
}

/** That container where it runs on this host now; undefined where it does not. */
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
 * Whether a process is in a cgroup of the pod. The kubelet names it `pod<uid>`, and with the systemd driver
 * `kubepods-…-pod<uid with underscores>.slice`. Pure.
 *
 * @param cgroups the text of `/proc/PID/cgroup`
 */
export function isInPod(cgroups: string, uid: string): boolean {
  return [`/pod${uid}/`, `-pod${uid.replaceAll('-', '_')}.slice/`].some((part) => cgroups.includes(part));
}

/** Empty where the process has ended. */
function readCgroups(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cgroup`, 'utf8');
  } catch {
    return '';
  }
}
