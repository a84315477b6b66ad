/** Choosing and finding targets: ORD-300 to ORD-399. */
export const targetCodes = {
  'ORD-301': {
    title: 'The process does not exist',
    wayOut: 'Check the pid with ps.',
  },
} as const;
