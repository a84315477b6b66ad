import { INIT, INIT2, type InitRequest } from '@ordeal/fuse';

const ALWAYS =
  INIT.ASYNC_READ |
  // O_TRUNC is part of the open, not a second request.
  INIT.ATOMIC_O_TRUNC |
  INIT.BIG_WRITES |
  // The umask is left to the backing file system, which knows whether a default ACL replaces it.
  INIT.DONT_MASK |
  INIT.AUTO_INVAL_DATA |
  INIT.ASYNC_DIO |
  INIT.PARALLEL_DIROPS |
  // Implies default_permissions: the kernel checks by modes and ACLs, against the caller's own groups.
  INIT.POSIX_ACL |
  INIT.MAX_PAGES |
  INIT.HANDLE_KILLPRIV_V2 |
  INIT.SETXATTR_EXT;

/** Locks that other users of the original tree see, too; without them the kernel keeps locks by itself. */
const LOCKS = INIT.POSIX_LOCKS | INIT.FLOCK_LOCKS;

const ALWAYS_2 = INIT2.DIRECT_IO_ALLOW_MMAP | INIT2.PASSTHROUGH | INIT2.HAS_RESEND;

/** The most that a request may carry: fs.fuse.max_pages_limit is 256 pages. */
const MAX_WRITE = 1 << 20;

/**
 * What the fault file system asks of the kernel.
 *
 * @param caches whether attributes and entries may be cached: only then is READDIRPLUS worth its lookups
 * @param locks whether locks are requests to the server, or the kernel's own business
 */
export function initRequest(caches: boolean, locks: 'original' | 'kernel' = 'original'): InitRequest {
  const directories = caches ? INIT.DO_READDIRPLUS | INIT.READDIRPLUS_AUTO | INIT.CACHE_SYMLINKS : 0;
  // Stacked twice at most (FILESYSTEM_MAX_STACK_DEPTH): the backing tree may be an overlayfs.
  return {
    flags: ALWAYS | directories | (locks === 'original' ? LOCKS : 0),
    flags2: ALWAYS_2,
    maxWrite: MAX_WRITE,
    maxStackDepth: 2,
  };
}
