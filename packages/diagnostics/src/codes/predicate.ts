/** Call chains and predicates over kernel functions: ORD-200 to ORD-299. */
export const predicateCodes = {
  'ORD-201': {
    title: 'The kernel has no function of this name',
    wayOut: 'Use one of the names suggested, or look with `ordeal functions PATTERN`.',
  },
} as const;
