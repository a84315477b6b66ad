import { readFileSync } from 'node:fs';
import { findKernelEntry, type KernelEntry } from '@ordeal/linux';
import { isForbidden, isGone } from './file-table.js';

/** Bit of CAP_SYS_CHROOT: include/uapi/linux/capability.h. */
const CAP_SYS_CHROOT = 18n;

/** What it takes to move a process. */
export interface MoveMeans {
  /** Where it can enter the kernel. */
  readonly entry: KernelEntry;
  /** Whether it may change its own root directory. */
  readonly mayChangeRoot: boolean;
}

/**
 * Finds out, without touching it, whether a process can be moved.
 *
 * @returns its means, or why it cannot be moved; `undefined` where it is gone
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
