import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cString, identifyPath, listProcesses, readMounts } from '@ordeal/linux';
import type { Journal } from '../journal/journal.js';
import { processIn } from './mount-namespace.js';

/** An injection whose cover has been unmounted. */
export interface DetachedVolume {
  /** Of the mount, in mountinfo. */
  readonly source: string;
  readonly connection: number;
  /**
   * The path of the underlying volume for this process: below /proc/PID/root of a process that sees it, if there is
   * one.
   */
  readonly bare: string | undefined;
  /** Processes of the injection itself. */
  readonly except: readonly number[];
}

export function detachedVolume(journal: Journal): DetachedVolume {
  const { source, connection = -1, place, server, descriptorKeeper, keeper, namespace } = journal;
  const except = [server, descriptorKeeper, keeper].flatMap((each) => each?.pid ?? []);
  const pid = processIn(namespace, journal.pid);
  return { source, connection, bare: pid === undefined ? undefined : `/proc/${pid}/root${place}`, except };
}

/** Processes that still use the unmounted file system. */
export interface VolumeUser {
  /** A copy of the mount ends with its namespace, which may take long. */
  readonly kind: 'mount' | 'process' | 'kernel';
  /** Descriptions: which process has what open, and how to release it. */
  readonly words: string;
}

/**
 * Finds what keeps the server of a volume alive: copies of the mount in other namespaces, descriptors, and loop
 * devices, which the kernel itself holds. Sends no request to the server.
 */
export function usersOf(volume: DetachedVolume): VolumeUser[] {
  return [...mountCopies(volume), ...processesWithFiles(volume), ...loopDevices(volume)];
}

/** Lines for the user: why a server is still running. */
export function whyServed(server: number, users: readonly VolumeUser[]): string[] {
  const reasons =
    users.length === 0 ? ['something that cannot be found uses the volume'] : users.map(({ words }) => words);
  return reasons.map((reason) => `process ${server} keeps running, without faults: ${reason}`);
}

function mountCopies({ source }: DetachedVolume): VolumeUser[] {
  const pid = listProcesses().find((each) => {
    try {
      return readMounts(each).some((mount) => mount.source === source && mount.type === 'fuse.ordeal');
    } catch {
      return false;
    }
  });
  if (pid === undefined) return [];
  return [{ kind: 'mount', words: `the mount namespace of process ${pid} has a copy of the mount` }];
}

/** FUSE mounts have anonymous devices: major 0, and the number of the connection (fs/fuse/inode.c). */
export function deviceOfConnection(connection: number): string {
  return `0:${connection}`;
}

/** How many descriptors a process has of the file system of a connection. */
function filesOf(pid: number, connection: number): number {
  return descriptorsOf(pid).filter((link) => deviceOf(link) === deviceOfConnection(connection)).length;
}

/** Whether a process has files of the file system of a connection open. */
export function usesConnection(pid: number, connection: number): boolean {
  return filesOf(pid, connection) > 0;
}

function processesWithFiles({ connection, except }: DetachedVolume): VolumeUser[] {
  return listProcesses().flatMap((pid): VolumeUser[] => {
    if (pid === process.pid || except.includes(pid)) return [];
    const count = filesOf(pid, connection);
    if (count === 0) return [];
    const files = count === 1 ? 'a file' : `${count} files`;
    return [{ kind: 'process', words: `process ${pid} (${nameOf(pid)}) has ${files} open there` }];
  });
}

/** A file of an unmounted file system is shown by its path below that mount (man 5 proc_pid_fd). */
function loopDevices({ bare }: DetachedVolume): VolumeUser[] {
  if (bare === undefined) return [];
  return readdirSync('/sys/block').flatMap((name): VolumeUser[] => {
    const file = read(`/sys/block/${name}/loop/backing_file`).trimEnd();
    if (file === '' || !existsSync(join(bare, file))) return [];
    const words = `loop device /dev/${name} has ${file.slice(1)} of the volume attached: losetup -d /dev/${name}`;
    return [{ kind: 'kernel', words }];
  });
}

function descriptorsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((number) => `/proc/${pid}/fd/${number}`);
  } catch {
    return [];
  }
}

function deviceOf(link: string): string | undefined {
  try {
    return identifyPath(-1, cString(link))?.device;
  } catch {
    return undefined;
  }
}

function nameOf(pid: number): string {
  return read(`/proc/${pid}/comm`).trimEnd();
}

/** Empty if there is no such file, or the process has ended. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
