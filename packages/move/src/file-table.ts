import { constants, readFileSync } from 'node:fs';
import {
  compareKernelObjects,
  cString,
  ERRNO,
  type Fd,
  identifyPath,
  KCMP,
  listNumbers,
  openPath,
  openPidfd,
  openThreadPidfd,
  pullDescriptor,
  SyscallError,
} from '@ordeal/linux';
import type { Description } from './description.js';
import type { DescriptionTable } from './description-table.js';
import type { OldSide } from './old-side.js';

/** A descriptor number and what it refers to. */
export interface HeldDescriptor {
  readonly number: number;
  readonly description: Description;
  /** Why it stays on the old side, if it does. */
  readonly stays: string | undefined;
}

/**
 * The descriptors of a process, or of those of its threads that have a table of their own. A survey may be repeated:
 * descriptions found before are recognised by one kcmp(2) each.
 */
export class FileTable {
  readonly pid: number;
  /** A thread that uses this table. */
  readonly tid: number;
  /** All numbers in use at the last survey, ascending. */
  numbers: readonly number[] = [];
  /** Those that refer to no file system at the last survey: rings, timers, events and the like. */
  anonymous: readonly number[] = [];
  readonly #known = new Map<number, Description>();
  readonly #left = new Map<number, string>();

  constructor(pid: number, tid: number) {
    this.pid = pid;
    this.tid = tid;
  }

  /**
   * All descriptors that refer to something on the old side, in order of their numbers.
   *
   * @throws SyscallError if the process may not be looked into; a vanished process has none
   */
  survey(oldSide: OldSide, descriptions: DescriptionTable): HeldDescriptor[] {
    const path = `/proc/${this.pid}/task/${this.tid}/fd`;
    let directory: Fd;
    try {
      directory = openPath(path, constants.O_RDONLY | constants.O_DIRECTORY);
    } catch (error) {
      if (isGone(error)) return [];
      throw error;
    }
    let pidfd: Fd | undefined;
    try {
      const numbers = listNumbers(path);
      this.numbers = numbers;
      const held: HeldDescriptor[] = [];
      const anonymous: number[] = [];
      for (const number of numbers) {
        const known = this.#known.get(number);
        if (known && this.#stillRefersTo(number, known)) {
          held.push(this.#holding(number, known));
          continue;
        }
        this.#known.delete(number);
        this.#left.delete(number);
        const identity = identifyPath(directory.number, cString(String(number)));
        // anon_inode_getattr(), fs/anon_inodes.c
        if (identity && (identity.mode & constants.S_IFMT) === 0) anonymous.push(number);
        if (!identity || !oldSide.onMount(identity)) continue;
        pidfd ??= this.openPidfd();
        const pulled = pullDescriptor(pidfd, number);
        if (!pulled) continue;
        const description = descriptions.enter(pulled);
        this.#known.set(number, description);
        held.push(this.#holding(number, description));
      }
      this.anonymous = anonymous;
      return held.filter(({ description }) => description.state.kind !== 'outside');
    } catch (error) {
      if (isGone(error)) return [];
      throw error;
    } finally {
      pidfd?.close();
      directory.close();
    }
  }

  /** A pidfd through which descriptors of this table can be duplicated. The caller closes it. @throws SyscallError */
  openPidfd(): Fd {
    return this.tid === this.pid ? openPidfd(this.pid) : openThreadPidfd(this.tid);
  }

  /** The text of a descriptor's fdinfo file; empty if it is gone. */
  fdinfo(number: number): string {
    try {
      return readFileSync(`/proc/${this.pid}/task/${this.tid}/fdinfo/${number}`, 'latin1');
    } catch {
      return '';
    }
  }

  /** Excludes a descriptor from now on: it could not be replaced. */
  leave(number: number, reason: string): void {
    this.#left.set(number, reason);
  }

  #holding(number: number, description: Description): HeldDescriptor {
    const { state } = description;
    const stays = this.#left.get(number) ?? (state.kind === 'left' ? state.reason : undefined);
    return { number, description, stays };
  }

  #stillRefersTo(number: number, description: Description): boolean {
    return compareKernelObjects(KCMP.file, process.pid, this.tid, description.old.number, number) === 0;
  }
}

/** Whether an error only says that a process has ended. */
export function isGone(error: unknown): boolean {
  if (error instanceof SyscallError) return error.errno === ERRNO.ENOENT || error.errno === ERRNO.ESRCH;
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ESRCH';
}

/** Whether an error says that we have no access to a process: another user namespace, a security module. */
export function isForbidden(error: unknown): boolean {
  if (error instanceof SyscallError) return error.errno === ERRNO.EPERM || error.errno === ERRNO.EACCES;
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'EPERM' || code === 'EACCES';
}
