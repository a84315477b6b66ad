/** Choosing and finding targets: ORD-300 to ORD-399. */
export const targetCodes = {
  'ORD-301': {
    title: 'The process does not exist',
    wayOut: 'Check the pid with ps.',
  },
  'ORD-302': {
    title: 'The cgroup does not exist',
    wayOut: 'Give a directory of the cgroup v2 hierarchy, such as system.slice/nginx.service.',
  },
  'ORD-303': {
    title: 'The command could not be started',
    wayOut: 'Check its path and that it may be executed.',
  },
  'ORD-304': {
    title: 'This host has no cgroup v2',
    wayOut:
      'Give the target with --pid, or mount the hierarchy: mount -t cgroup2 none /sys/fs/cgroup/unified.',
  },
  'ORD-305': {
    title: 'No running container has this id or name, or several do',
    wayOut:
      'Give the id or name as docker ps, crictl ps or kubectl get pods prints it, or a prefix that matches only one.',
  },
  'ORD-306': {
    title: "Ordeal does not run in the host's pid namespace",
    wayOut: "Run ordeal in the host's pid namespace (hostPID: true, or docker run --pid=host).",
  },
  'ORD-309': {
    title: 'No target was chosen, or more than one',
    wayOut: 'Give exactly one of --pid N, --cgroup PATH, --container NAME, or -- CMD ARGS….',
  },
  'ORD-310': {
    title: 'The command cannot be swept',
    wayOut: 'It must do the same every time; use --prepare CMD to reset its files.',
  },
  'ORD-311': {
    title: 'A sweep cannot be resumed from this file',
    wayOut: 'Repeat the earlier command line with --resume, or start over without it.',
  },
} as const;
