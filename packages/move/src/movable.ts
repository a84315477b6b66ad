import { readFileSync } from 'node:fs';
import { findKernelEntry, type KernelEntry } from '@ordeal/linux';
import { isForbidden, isGone } from './file-table.js';

/** Bit of CAP_SYS_CHROOT: include/uapi/linux/capability.h. */
const CAP_SYS_CHROOT = 18n;

/** What is needed to move a process. */
export interface MoveMeans {
  /** The instruction by which it can enter the kernel. */
  readonly entry: KernelEntry;
  /** Whether it may change its own root directory. */
  readonly mayChangeRoot: boolean;
}

/**
 * Checks whether a process can be moved, without touching it.
 *
 * @returns what is needed, or why it cannot be moved; `undefined` if it has ended
 */
export function findMeans(pid: number): MoveMeans | string | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const field = (name: string) => new RegExp(`^${name}:\\s*(\\w+)`, 'm').exec(status)?.[1] ?? '0';
    if (field('State') === 'Z') return undefined;
    if (field('TracerPid') !== '0') return `is traced by process ${field('TracerPid')}`;
    const entry = findKernelEntry(pid);
    if (entry === 'has no memory') return undefined;
    if (typeof entry === 'string') return entry;
    const capabilities = BigInt(`0x${field('CapEff')}`);
    return { entry, mayChangeRoot: (capabilities & (1n << CAP_SYS_CHROOT)) !== 0n };
  } catch (error) {
    if (isGone(error)) return undefined;
    if (isForbidden(error)) return 'may not be traced';
    throw error;
  }
}
