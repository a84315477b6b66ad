import { cString, type Fd, identifyDescriptor, identifyPath, O_PATH, openPath } from '@ordeal/linux';
import { isGone } from './file-table.js';
import type { OldSide } from './old-side.js';

/**
 * Opens the target of a link in /proc (`cwd`, `root`, `exe`), O_PATH, if it is on the old side. The caller closes it.
 *
 * @param flags besides O_PATH
 * @returns `undefined` if it is elsewhere or the process is gone
 * @throws SyscallError
 */
export function openLink(path: string, oldSide: OldSide, flags = 0): Fd | undefined {
  try {
    // Most lead elsewhere, which can be seen without a descriptor.
    const identity = identifyPath(-1, cString(path));
    if (!identity || !oldSide.onMount(identity)) return undefined;
    const old = openPath(path, O_PATH | flags);
    if (oldSide.onMount(identifyDescriptor(old.number)) && oldSide.contains(old.number)) return old;
    old.close();
    return undefined;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}
