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
  'ORD-999': {
    title: 'A defect in Ordeal itself',
    wayOut: 'Please report it with the text shown; ORDEAL_DEBUG=1 adds a stack trace.',
  },
} as const;
