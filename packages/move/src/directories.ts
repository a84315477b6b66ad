import { constants } from 'node:fs';
import { type Fd, identifyDescriptor, O_PATH, openPath } from '@ordeal/linux';
import type { OldSide } from './old-side.js';
import { openLink } from './open-link.js';
import type { LeftBehind, OpenOnNewSide } from './sides.js';

/** The working and root directory of one thread group that are to change; owns the descriptors of the new ones. */
export interface DirectoryMove {
  readonly tid: number;
  /** The new working directory; the old one again if only the root changes. */
  readonly working: Fd;
  readonly root: Fd | undefined;
  readonly workingMoves: boolean;
}

export interface DirectorySurvey {
  /** `undefined` if neither moves. */
  readonly move: DirectoryMove | undefined;
  readonly left: LeftBehind[];
}

export type DirectoryName = 'the working directory' | 'the root directory';

const LINKS: Readonly<Record<DirectoryName, string>> = {
  'the working directory': 'cwd',
  'the root directory': 'root',
};

/** Which of the two directories of a thread lie on the old side. Opens nothing on the new side. */
export function directoriesOnOldSide(pid: number, tid: number, oldSide: OldSide): DirectoryName[] {
  return (['the working directory', 'the root directory'] as const).filter((which) => {
    const old = openLink(linkOf(pid, tid, which), oldSide, constants.O_DIRECTORY);
    old?.close();
    return old !== undefined;
  });
}

/** Finds the successors of a thread's directories on the old side. The caller closes those in `move`. */
export function surveyDirectories(
  pid: number,
  tid: number,
  oldSide: OldSide,
  openOnNewSide: OpenOnNewSide,
): DirectorySurvey {
  const left: LeftBehind[] = [];
  const successor = (which: DirectoryName): Fd | undefined => {
    const old = openLink(linkOf(pid, tid, which), oldSide, constants.O_DIRECTORY);
    if (!old) return undefined;
    const opened = openOnNewSide({
      descriptor: old.number,
      name: oldSide.nameOf(old.number),
      identity: identifyDescriptor(old.number),
      flags: O_PATH | constants.O_DIRECTORY,
    });
    old.close();
    if (typeof opened !== 'string') return opened;
    left.push({ what: which, reason: opened });
    return undefined;
  };
  const root = successor('the root directory');
  const working = successor('the working directory');
  if (!root && !working) return { move: undefined, left };
  const kept = working ?? openPath(linkOf(pid, tid, 'the working directory'), O_PATH | constants.O_DIRECTORY);
  return { move: { tid, root, working: kept, workingMoves: working !== undefined }, left };
}

function linkOf(pid: number, tid: number, which: DirectoryName): string {
  return `/proc/${pid}/task/${tid}/${LINKS[which]}`;
}
