/** The lab VM: ORD-600 to ORD-699. */
export const labCodes = {
  'ORD-601': {
    title: 'A tool that the lab needs is missing and could not be installed',
    wayOut: 'Install the Debian packages named in the message.',
  },
} as const;
