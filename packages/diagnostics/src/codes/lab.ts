/** The lab VM: ORD-600 to ORD-699. */
export const labCodes = {
  'ORD-601': {
    title: 'A tool that the lab needs is missing and could not be installed',
    wayOut: 'Install the Debian packages named in the message.',
  },
  'ORD-602': {
    title: 'Not enough disk space to build a kernel',
    wayOut: 'Free the space named in the message, or set ORDEAL_CACHE to a directory on a larger disk.',
  },
  'ORD-603': {
    title: 'The kernel could not be built',
    wayOut: 'Read the build log named in the message; `ordeal lab clean` starts afresh.',
  },
  'ORD-604': {
    title: 'The kernel sources are missing or cannot be unpacked',
    wayOut: 'Reinstall the Debian package named in the message.',
  },
  'ORD-605': {
    title: 'The lab VM did not start',
    wayOut: 'Read the console log named in the message; a slow host may need a longer time limit.',
  },
  'ORD-606': {
    title: 'The lab does not support this host',
    wayOut: 'Use an x86-64 Linux host with Debian 12 packages.',
  },
  'ORD-607': {
    title: 'There is no kernel image to boot',
    wayOut: 'Build one with `ordeal lab build`, or name an image with --kernel.',
  },
  'ORD-608': {
    title: 'The lab VM ended while a command was running',
    wayOut: 'Read the console log named in the message; more memory may help.',
  },
  'ORD-609': {
    title: 'A kernel is being built',
    wayOut: 'Wait for the other build to end, or stop it.',
  },
  'ORD-611': {
    title: "The directory shared with the lab VM does not hold Ordeal's guest files",
    wayOut: 'Share the root of the file system, or a directory that Ordeal is installed in.',
  },
  'ORD-612': {
    title: 'Preparing the lab was interrupted',
    wayOut: 'Run the command again: a build continues where it stopped.',
  },
} as const;
