/** BPF, BTF and what this kernel can do: ORD-400 to ORD-499. */
export const kernelCodes = {
  'ORD-401': {
    title: 'This kernel offers no BTF type information',
    wayOut: 'Use a kernel built with CONFIG_DEBUG_INFO_BTF=y, or rehearse with `ordeal lab run`.',
  },
} as const;
