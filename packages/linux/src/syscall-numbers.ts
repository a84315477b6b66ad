import { arch } from 'node:process';

/**
 * System call numbers by architecture: [x86-64, arm64].
 * Sources: arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h.
 */
const table = {
  ioctl: [16, 29],
  mmap: [9, 222],
  munmap: [11, 215],
  close: [3, 57],
  fcntl: [72, 25],
  getpid: [39, 172],
  openat: [257, 56],
  read: [0, 63],
  write: [1, 64],
  lseek: [8, 62],
  getdents64: [217, 61],
  mount: [165, 40],
  umount2: [166, 39],
  unshare: [272, 97],
  setns: [308, 268],
  perf_event_open: [298, 241],
  bpf: [321, 280],
  pidfd_open: [434, 434],
  pidfd_send_signal: [424, 424],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  mount_setattr: [442, 442],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
} as const satisfies Record<string, readonly [number, number]>;

export type SyscallName = keyof typeof table;

const column = arch === 'arm64' ? 1 : 0;

/** The numbers for the running architecture. */
export const SYS = Object.fromEntries(
  Object.entries(table).map(([name, numbers]) => [name, numbers[column]]),
) as Record<SyscallName, number>;
