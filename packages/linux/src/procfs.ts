import { readFileSync, readlinkSync } from 'node:fs';
import { listNumbers } from './list-numbers.js';

/** One process or thread, from `/proc/PID/status` and `/proc/PID/stat`. */
export interface ProcessStatus {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  /** The pid in each pid namespace, from this procfs's own to the innermost. */
  readonly namespacePids: readonly number[];
}

/** `undefined` if the process is gone. @throws any other error */
export function readProcessStatus(pid: number): ProcessStatus | undefined {
  const text = readProcFile(`/proc/${pid}/status`);
  if (text === undefined) return undefined;
  const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(text)?.[1] ?? '';
  return {
    pid,
    parent: Number(field('PPid')),
    name: field('Name'),
    namespacePids: field('NSpid').split(/\s+/).filter(Boolean).map(Number),
  };
}

/** All process ids (thread group leaders) that this procfs shows. */
export function listProcesses(): number[] {
  return listNumbers('/proc');
}

/** A process with all its living descendants, parents first. */
export function processTree(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const pid of listProcesses()) {
    const status = readProcessStatus(pid);
    if (!status) continue;
    const siblings = children.get(status.parent);
    if (siblings) siblings.push(pid);
    else children.set(status.parent, [pid]);
  }
  const tree = [root];
  for (let index = 0; index < tree.length; index++) tree.push(...(children.get(tree[index] ?? -1) ?? []));
  return tree;
}

/** Arguments of a process; empty for kernel threads and vanished processes. */
export function readCommandLine(pid: number): string[] {
  return (readProcFile(`/proc/${pid}/cmdline`) ?? '').split('\0').filter((part) => part !== '');
}

/** The inode number of the pid namespace of a process; `undefined` if the process is gone. */
export function pidNamespaceInode(pid: number | 'self'): number | undefined {
  try {
    return Number(/\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/ns/pid`))?.[1]);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** @returns `undefined` if the process of the file is gone. @throws any other error */
export function readProcFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** A process that ends while its files are read answers ENOENT or ESRCH. */
function isGone(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ESRCH';
}
