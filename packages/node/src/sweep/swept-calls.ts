import { nearestNames, OrdealError } from '@ordeal/diagnostics';
import { parseErrno } from '@ordeal/experiment';
import { ERRNO, type ErrnoName } from '@ordeal/linux';

/** A system call of a sweep, and the error that it fails with. */
export interface SweptCall {
  readonly name: string;
  readonly errno: number;
}

/**
 * An error that a program must expect, for each call that takes something that can run out or be lost; section 2 of the
 * manual lists it. Calls that fail in the ordinary course of things (access, ioctl) are left out.
 */
const TYPICAL: Readonly<Partial<Record<ErrnoName, string>>> = {
  EIO:
    'close copy_file_range fdatasync fstat fsync ftruncate getdents64 msync newfstatat pread64 ' +
    'preadv read readv rename renameat renameat2 rmdir sendfile stat statx sync_file_range syncfs ' +
    'unlink unlinkat',
  ENOSPC: 'fallocate link linkat mkdir mkdirat pwrite64 pwritev symlink symlinkat write writev',
  EMFILE:
    'accept accept4 creat dup dup2 dup3 epoll_create1 eventfd2 inotify_init1 memfd_create open ' +
    'openat openat2 pipe pipe2 signalfd4 socket socketpair timerfd_create',
  ENOMEM: 'execve mmap mprotect mremap',
  EAGAIN: 'clone clone3 fork vfork',
  ECONNRESET: 'recvfrom recvmsg sendmsg sendto',
  EADDRINUSE: 'bind listen',
  ECONNREFUSED: 'connect',
  ENOLCK: 'flock',
};

/** The calls that fail if the user names none, sorted by name. */
export const TYPICAL_CALLS: readonly SweptCall[] = Object.entries(TYPICAL)
  .flatMap(([name, calls]) =>
    calls.split(' ').map((call) => ({ name: call, errno: ERRNO[name as ErrnoName] })),
  )
  .sort((a, b) => (a.name < b.name ? -1 : 1));

/**
 * Reads `openat,write=ENOSPC`; without an errno it is the typical one.
 *
 * @throws OrdealError ORD-901
 */
export function parseSweptCalls(text: string): SweptCall[] {
  return text.split(',').map((item) => {
    const [name = '', errno] = item.trim().split('=');
    if (!/^\w+$/.test(name)) throw new OrdealError('ORD-901', `--syscalls: '${item}' is not a system call`);
    if (errno !== undefined) return { name, errno: errnoOf(errno) };
    const typical = TYPICAL_CALLS.find((call) => call.name === name);
    if (typical) return typical;
    const near = nearestNames(
      name,
      TYPICAL_CALLS.map((call) => call.name),
    );
    throw new OrdealError('ORD-901', `--syscalls: ${name} has no usual error`, {
      hint: `Write which one: ${name}=ENOMEM${near.length > 0 ? `; or did you mean ${near.join(', ')}?` : '.'}`,
    });
  });
}

function errnoOf(text: string): number {
  const parsed = parseErrno(text);
  if (parsed.ok) return parsed.value;
  const { message, hint } = parsed.fault;
  throw new OrdealError('ORD-901', `--syscalls: ${message}`, hint === undefined ? {} : { hint });
}
