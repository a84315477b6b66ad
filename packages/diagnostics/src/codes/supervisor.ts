/** Injections that are held for others: ORD-850 to ORD-899. */
export const supervisorCodes = {
  'ORD-851': {
    title: 'Another process holds the injections of this directory',
    wayOut: 'Ask it (`ordeal ps`), or end it; one supervisor at a time holds a run directory.',
  },
  'ORD-852': {
    title: 'The journal of held injections cannot be written',
    wayOut: 'Make room in /run and let root write there; nothing is held that is not written down.',
  },
  'ORD-853': {
    title: 'Nothing of this name is held',
    wayOut: 'See `ordeal ps` for what is.',
  },
  'ORD-854': {
    title: 'Something of this name is held already',
    wayOut: 'Give another name (--name), or stop the one that runs (`ordeal stop NAME`).',
  },
  'ORD-855': {
    title: 'Faults cannot be changed in this way while they are held',
    wayOut: 'Remove them and apply the new ones.',
  },
} as const;
