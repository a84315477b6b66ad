/** Command line usage: ORD-900 to ORD-999. */
export const usageCodes = {
  'ORD-901': {
    title: 'The command line cannot be understood',
    wayOut: 'See `ordeal --help` or `ordeal COMMAND --help`.',
  },
  'ORD-999': {
    title: 'A defect in Ordeal itself',
    wayOut: 'Please report it with the text shown.',
  },
} as const;
