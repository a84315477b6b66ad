/** Covering a path and moving live processes: ORD-750 to ORD-799. */
export const moveCodes = {
  'ORD-751': {
    title: 'A process cannot be stopped',
    wayOut:
      'Look at its state with ps; a thread that waits for a disk or a server (state D) cannot be stopped.',
  },
  'ORD-752': {
    title: 'A stopped process does not run the system calls of the move',
    wayOut: 'The process goes on as it was; please report it with the message.',
  },
  'ORD-753': {
    title: 'A path cannot be covered in the mount namespace of the target',
    wayOut:
      'Give the path as the target sees it, below its own root directory: `ls -ld /proc/PID/root/PATH` must show a ' +
      'directory or a regular file.',
  },
  'ORD-754': {
    title: 'A cover cannot be taken off its path',
    wayOut: 'Look at /proc/PID/mountinfo of the target for what is mounted over the path now.',
  },
} as const;
