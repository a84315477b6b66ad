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
    title: 'No running container has this id or name, or several have',
    wayOut:
      'Give the id or name as docker ps, crictl ps or kubectl get pods prints it, or a beginning that only one has.',
  },
  'ORD-306': {
    title: 'Pids of this process mean nothing to the kernel',
    wayOut: "Run ordeal in the host's pid namespace (hostPID: true, or docker run --pid=host).",
  },
  'ORD-309': {
    title: 'No target was chosen, or more than one',
    wayOut: 'Give exactly one of --pid N, --cgroup PATH, --container NAME, or -- CMD ARGS….',
  },
  'ORD-310': {
    title: 'The command cannot be swept',
    wayOut: 'It must do the same every time; put what resets its files into --prepare CMD.',
  },
  'ORD-311': {
    title: 'A sweep cannot go on from this file',
    wayOut: 'Repeat the earlier command line with --resume, or begin anew without it.',
  },
} as const;
