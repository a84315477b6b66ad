import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { listProcesses } from '@ordeal/linux';

/** `PF_EXITING`, include/linux/sched.h. */
const PF_EXITING = 0x4;

/**
 * Whether a process of a mount namespace cannot exit because it waits in the kernel: FUSE writes back the pages of a
 * shared mapping before it is unmapped, and such a request cannot be interrupted.
 */
export function someoneDiesIn(namespace: string): boolean {
  return listProcesses().some((pid) => {
    const { flags } = statOf(`/proc/${pid}`);
    return (flags & PF_EXITING) !== 0 && threadsOf(pid).some((thread) => waitsIn(thread, namespace));
  });
}

function waitsIn(thread: string, namespace: string): boolean {
  try {
    return statOf(thread).state === 'D' && readlinkSync(`${thread}/ns/mnt`) === namespace;
  } catch {
    return false;
  }
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((tid) => `/proc/${pid}/task/${tid}`);
  } catch {
    return [];
  }
}

/** Fields 3 and 9 of man 5 proc_pid_stat. */
function statOf(directory: string): { readonly state: string; readonly flags: number } {
  try {
    const text = readFileSync(`${directory}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', flags: Number(fields[6]) };
  } catch {
    return { state: '', flags: 0 };
  }
}
