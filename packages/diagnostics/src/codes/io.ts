/** The fault file system and its FUSE session: ORD-700 to ORD-749. */
export const ioCodes = {
  'ORD-701': {
    title: 'This host cannot serve a FUSE file system',
    wayOut: 'Load the fuse module (modprobe fuse) and make /dev/fuse available, Linux 5.15 or newer.',
  },
  'ORD-702': {
    title: 'The kernel speaks a FUSE protocol that Ordeal does not know',
    wayOut: 'Linux 5.15 or newer (protocol 7.34) is needed; please report the versions shown.',
  },
  'ORD-703': {
    title: 'A FUSE message is shorter than its layout',
    wayOut: 'A defect, in Ordeal or in the kernel: please report it with the text shown.',
  },
  'ORD-704': {
    title: 'The FUSE file system could not be mounted',
    wayOut: 'The message names the call that failed and its errno.',
  },
} as const;
