/** A container that a kubelet would have an engine run. */
export interface PodContainerConfig {
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid: string };
  readonly container: string;
  /** The container's own id, which is new after each restart. */
  readonly id: string;
  /** How the pod is written down for the runtime. */
  readonly engine: keyof typeof ANNOTATIONS;
  readonly rootfs: string;
  /** A shell script for busybox. */
  readonly program: string;
  readonly mounts: readonly object[];
}

/** The annotations in which each engine tells the runtime about the pod. */
const ANNOTATIONS = {
  containerd: {
    kind: 'io.kubernetes.cri.container-type',
    namespace: 'io.kubernetes.cri.sandbox-namespace',
    pod: 'io.kubernetes.cri.sandbox-name',
    container: 'io.kubernetes.cri.container-name',
  },
  'CRI-O': {
    kind: 'io.kubernetes.cri-o.ContainerType',
    namespace: 'io.kubernetes.pod.namespace',
    pod: 'io.kubernetes.pod.name',
    container: 'io.kubernetes.container.name',
  },
} as const;

/** Its `config.json` for an OCI runtime, with the annotations and the cgroup that a kubelet and its engine choose. */
export function containerConfig({ pod, container, id, engine, rootfs, program, mounts }: PodContainerConfig) {
  const names = ANNOTATIONS[engine];
  return {
    ociVersion: '1.0.2',
    process: {
      user: { uid: 0, gid: 0 },
      args: ['/bin/busybox', 'sh', '-c', program],
      env: ['PATH=/bin'],
      cwd: '/',
    },
    root: { path: rootfs, readonly: true },
    annotations: {
      [names.kind]: 'container',
      [names.namespace]: pod.namespace,
      [names.pod]: pod.name,
      [names.container]: container,
    },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755', 'size=64k'] },
      ...mounts,
    ],
    linux: {
      namespaces: ['pid', 'mount', 'ipc', 'uts'].map((type) => ({ type })),
      cgroupsPath: `/kubepods/pod${pod.uid}/${id}`,
    },
  };
}
