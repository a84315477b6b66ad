/** Command line usage: ORD-900 to ORD-999. */
export const usageCodes = {
  'ORD-901': {
    title: 'The command line cannot be understood',
    wayOut: 'See `ordeal --help` or `ordeal COMMAND --help`.',
  },
  'ORD-902': {
    title: 'A file cannot be read',
    wayOut: 'Check the path and its permissions; - reads standard input.',
  },
  'ORD-903': {
    title: 'The command needs a terminal',
    wayOut: 'Run it in a terminal, or use `ordeal lab run` with a command.',
  },
  'ORD-904': {
    title: 'A line of a record is not JSON',
    wayOut: 'Restore the file as `ordeal run --record FILE` has written it, or record the run again.',
  },
  'ORD-905': {
    title: 'A file is no record of a run, or a line of it has a wrong value',
    wayOut: 'The message says what was expected where; `ordeal run --record FILE` writes records.',
  },
  'ORD-906': {
    title: 'A record ends before its run did',
    wayOut: 'A warning: the faults up to there are replayed. Record the run again for the whole of it.',
  },
  'ORD-999': {
    title: 'A defect in Ordeal itself',
    wayOut: 'Please report it with the text shown; ORDEAL_DEBUG=1 adds a stack trace.',
  },
} as const;
