/** Injections that are held for others: ORD-850 to ORD-899. */
export const supervisorCodes = {
  'ORD-851': {
    title: 'Another process holds the injections of this directory',
    wayOut: 'End that process, or give another directory: one supervisor at a time holds a directory.',
  },
  'ORD-852': {
    title: 'The journal of held injections cannot be written',
    wayOut: 'Make room in /run and let root write there; nothing is held that is not written down.',
  },
  'ORD-855': {
    title: 'Faults cannot be changed in this way while they are held',
    wayOut: 'Remove them and apply the new ones.',
  },
} as const;
