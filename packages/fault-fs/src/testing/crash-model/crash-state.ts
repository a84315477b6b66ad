import * as fs from 'node:fs';
import { type Verdict, worst } from './file-history.js';
import type { RandomChanges } from './random-changes.js';

/** A tree of directories and files after a power failure. */
export interface CrashState {
  /** Numbers of files by their paths. */
  readonly names: ReadonlyMap<string, number>;
  readonly contents: ReadonlyMap<string, Buffer>;
}

export function readCrashState(root: string): CrashState {
  const names = new Map<string, number>();
  const contents = new Map<string, Buffer>();
  for (const entry of fs.readdirSync(root, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = `${entry.parentPath}/${entry.name}`;
    const name = path.slice(root.length + 1);
    names.set(name, fs.statSync(path).mode & 0o777);
    contents.set(name, fs.readFileSync(path));
  }
  return { names, contents };
}

/** Whether these changes may leave that. @returns what is wrong besides, for people */
export function judge(
  { names, contents }: CrashState,
  changes: RandomChanges,
  ordered: boolean,
): { verdict: Verdict; wrong: string[] } {
  const wrong: string[] = [];
  const named = changes.names.verdict(names, ordered);
  if (named !== 'possible')
    wrong.push(`names ${named}: ${[...names].map((each) => each.join('=')).join(' ')}`);
  const ofFiles = [...contents].map(([path, found]) => {
    const history = changes.files.get(names.get(path) ?? 0);
    const verdict = history?.verdict(found, ordered) ?? 'impossible';
    if (verdict !== 'possible') {
      wrong.push(
        `${path} ${verdict}: ${found.length} bytes; durable ${history?.durable.length}, last ${history?.now.length}`,
      );
    }
    return verdict;
  });
  return { verdict: worst([named, ...ofFiles]), wrong };
}
