/** The fault file system and its FUSE session: ORD-700 to ORD-749. */
export const ioCodes = {
  'ORD-701': {
    title: 'This host cannot serve a FUSE file system',
    wayOut: 'Load the fuse module (modprobe fuse) and make /dev/fuse available, Linux 5.15 or newer.',
  },
  'ORD-702': {
    title: 'The kernel speaks a FUSE protocol that Ordeal does not support',
    wayOut: 'Linux 5.15 or newer (protocol 7.34) is needed; please report the versions shown.',
  },
  'ORD-703': {
    title: 'A FUSE message is shorter than its layout',
    wayOut: 'A defect, in Ordeal or in the kernel: please report it with the text shown.',
  },
  'ORD-704': {
    title: 'The FUSE file system could not be mounted',
    wayOut: 'The message names the call that failed and its errno.',
  },
  'ORD-711': {
    title: 'A volume cannot be put under I/O faults',
    wayOut:
      'Give a volumePath with files of its own; where the message names another experiment, end that one first.',
  },
  'ORD-712': {
    title: 'Processes could not be moved',
    wayOut: 'The message says why; `ordeal recover` cleans up what is left, if anything is.',
  },
  'ORD-713': {
    title: 'The server of the fault file system does not answer',
    wayOut: 'The processes are moved back without it; please report it with the output of the run.',
  },
  'ORD-714': {
    title: 'The I/O faults could not be armed',
    wayOut: 'Everything was undone; the message says what went wrong.',
  },
  'ORD-715': {
    title: 'The journal of an injection cannot be written',
    wayOut: 'Free space in /run and make it writable by root; no fault is injected without a journal.',
  },
  'ORD-716': {
    title: 'The journals of injections cannot be read',
    wayOut: 'Nothing was removed: fix what the message names and run `ordeal recover` again.',
  },
  'ORD-717': {
    title: 'More files of the volume are open than Ordeal may open',
    wayOut:
      'Raise the hard limit of open files (`ulimit -Hn`, LimitNOFILE= of systemd), or run as root with ' +
      'CAP_SYS_RESOURCE, which allows as many as fs.nr_open.',
  },
  'ORD-718': {
    title: 'The power of a volume cannot be cut',
    wayOut:
      'Put the volume under an IOChaos with action powerLoss first, and cut it while that lasts: see `ordeal ps`.',
  },
} as const;
