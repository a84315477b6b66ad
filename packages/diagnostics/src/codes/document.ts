/** Experiment documents: ORD-100 to ORD-199. */
export const documentCodes = {
  'ORD-101': {
    title: 'The file cannot be read as YAML',
    wayOut: 'Mend the syntax at the place shown.',
  },
} as const;
