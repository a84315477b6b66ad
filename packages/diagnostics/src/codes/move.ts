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
} as const;
