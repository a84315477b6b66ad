/** The host: privileges, system calls, missing programs: ORD-500 to ORD-599. */
export const hostCodes = {
  'ORD-501': {
    title: 'A system call failed',
    wayOut: 'The message names the call and the errno; see its man page.',
  },
  'ORD-502': {
    title: 'Root privileges are needed',
    wayOut: 'Run the command as root, for example with sudo.',
  },
  'ORD-503': {
    title: 'The cgroup for the command could not be made',
    wayOut: 'Check that the cgroup v2 hierarchy is mounted and writable, or give the target with --pid.',
  },
} as const;
