/** Choosing and finding targets: ORD-300 to ORD-399. */
export const targetCodes = {
  'ORD-301': {
    title: 'The process does not exist',
    wayOut: 'Check the pid with ps.',
  },
  'ORD-302': {
    title: 'No target was chosen, or more than one',
    wayOut: 'Give exactly one of --pid N, --cgroup PATH, --container ID, or -- CMD ARGS….',
  },
  'ORD-303': {
    title: 'The cgroup does not exist or is not of version 2',
    wayOut: 'Give a directory of the cgroup v2 hierarchy, such as system.slice/nginx.service.',
  },
  'ORD-304': {
    title: 'No running container has this id',
    wayOut: 'Give an id as docker ps or crictl ps prints it, or a unique beginning of one.',
  },
  'ORD-305': {
    title: 'Several running containers have an id that begins so',
    wayOut: 'Give more characters of the id.',
  },
  'ORD-306': {
    title: 'The command could not be started',
    wayOut: 'Check its path and that it may be executed.',
  },
  'ORD-307': {
    title: 'The target is, or contains, the process that injects',
    wayOut: 'Choose a target that ordeal does not run in: Ordeal never makes itself fail.',
  },
  'ORD-308': {
    title: 'The selector matches no target',
    wayOut: 'Compare the labels of the container with the selector of the document.',
  },
} as const;
