/** Injections that are held for others, and the page that shows them: ORD-850 to ORD-899. */
export const supervisorCodes = {
  'ORD-851': {
    title: 'Another process holds the injections of this directory',
    wayOut: 'End that process, or give another directory: one supervisor at a time holds a directory.',
  },
  'ORD-852': {
    title: 'The journal of held injections cannot be written',
    wayOut: 'Free space in /run and make it writable by root; no injection is held without a journal.',
  },
  'ORD-855': {
    title: 'Faults cannot be changed in this way while they are held',
    wayOut: 'Remove them and apply the new ones.',
  },
  'ORD-856': {
    title: 'No detached run has this name',
    wayOut: 'List the runs with ordeal ps --all.',
  },
  'ORD-857': {
    title: 'The process that holds the detached runs is of another version of Ordeal',
    wayOut:
      'Use that version, or end that process (SIGTERM): it lifts its faults, and the next command of this version continues its runs.',
  },
  'ORD-858': {
    title: 'A detached run cannot be held or changed in this way',
    wayOut: 'List the runs with ordeal ps; ordeal --help lists the commands for them.',
  },
  'ORD-859': {
    title: 'The process that holds the detached runs does not answer',
    wayOut: 'Try again. If it hangs, end it (kill -9 is safe): the next command continues its runs.',
  },
  'ORD-860': {
    title: 'A request to the process that holds the detached runs is malformed',
    wayOut: 'Send one JSON object a line: {"id": 1, "request": "list"}.',
  },
  'ORD-870': {
    title: 'The page of this host cannot be served at this port',
    wayOut: 'Leave --port out, and a free one is taken.',
  },
  'ORD-871': {
    title: 'A request of the page of this host is malformed',
    wayOut: 'Load the page again: it may be of another version of Ordeal.',
  },
} as const;
