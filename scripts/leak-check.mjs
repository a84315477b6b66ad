// Loaded before each test file (`node --import`): a file ends with an exit code of 1 and a list if descriptors are left
// open when everything else is over.
import { readdirSync, readlinkSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { leakedFds, traceFds } from '../packages/linux/dist/index.js';

/** Files and directories that this process has open, by descriptor; not what Node has open for itself. */
function openFiles() {
  const found = new Map();
  for (const number of readdirSync('/proc/self/fd')) {
    try {
      const path = readlinkSync(`/proc/self/fd/${number}`);
      if (path.startsWith('/') && path !== '/dev/null') found.set(number, path);
    } catch {
      // The descriptor by which the directory was read.
    }
  }
  return found;
}

// The runner loads this module, too, and so do Workers, whose descriptors are the process's and may outlive them.
if (isMainThread && !process.execArgv.includes('--test')) {
  traceFds();
  const before = openFiles();
  process.on('exit', () => check(before));
}

function check(before) {
  const leaked = leakedFds();
  const open = [...openFiles()].filter(([number, path]) => before.get(number) !== path);
  const others = open.filter(([number]) => !leaked.some((text) => text.includes(`(fd ${number})`)));
  const list = [...leaked, ...others.map(([number, path]) => `${path} (fd ${number})`)];
  if (list.length === 0) return;
  process.exitCode = 1;
  console.error(`${list.length} descriptors were left open:\n${list.join('\n')}`);
}
