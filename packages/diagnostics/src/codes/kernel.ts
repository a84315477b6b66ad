/** BPF, BTF and the kernel's features: ORD-400 to ORD-499. */
export const kernelCodes = {
  'ORD-401': {
    title: 'This kernel offers no BTF type information',
    wayOut: 'Use a kernel built with CONFIG_DEBUG_INFO_BTF=y, or rehearse with `ordeal lab run`.',
  },
  'ORD-402': {
    title: 'The BTF type information is malformed',
    wayOut:
      'Check that the file is the complete BTF of a kernel: /sys/kernel/btf/vmlinux of the machine it describes.',
  },
  'ORD-403': {
    title: 'A kernel structure does not look as expected',
    wayOut: 'This kernel is newer or older than Ordeal knows; please report its version.',
  },
  'ORD-404': {
    title: 'The kernel refused a BPF program',
    wayOut: 'The message has the relevant line of the verifier; please report it with the kernel version.',
  },
  'ORD-405': {
    title: 'This kernel cannot make the chosen request fail',
    wayOut: 'See `ordeal doctor` for what is missing, or rehearse with `ordeal lab run`.',
  },
  'ORD-406': {
    title: 'A kernel function cannot be hooked',
    wayOut:
      'Choose a function that calls it or that it calls; `ordeal functions PATTERN` lists those that can be hooked.',
  },
} as const;
