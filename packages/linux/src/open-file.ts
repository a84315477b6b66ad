import { ERRNO } from '@ordeal/diagnostics';
import { cString, StructWriter } from './bytes.js';
import { AT_EMPTY_PATH, AT_FDCWD, O_CLOEXEC } from './fcntl-flags.js';
import { Fd } from './fd.js';
import { syscall, trySyscall } from './syscall.js';
import { SyscallError } from './syscall-error.js';
import { SYS } from './syscall-numbers.js';

// include/uapi/linux/openat2.h
const RESOLVE_NO_MAGICLINKS = 2;
const RESOLVE_NO_SYMLINKS = 4;
const RESOLVE_BENEATH = 8;
const RESOLVE_IN_ROOT = 16;
/** MAX_HANDLE_SZ, include/linux/exportfs.h */
const MAX_HANDLE = 128;

/** Opens a path, close-on-exec. The caller closes it. @throws SyscallError */
export function openPath(path: string, flags: number): Fd {
  return new Fd(syscall(`open(${path})`, SYS.openat, AT_FDCWD, cString(path), flags | O_CLOEXEC), path);
}

/**
 * Opens the file of a descriptor of this process again, also of an O_PATH one, on the same mount, even if something
 * is mounted over it. The caller closes it.
 *
 * @throws SyscallError
 */
export function reopenDescriptor(descriptor: number, flags: number): Fd {
  return openPath(`/proc/self/fd/${descriptor}`, flags);
}

/**
 * Opens a name (raw bytes, relative, without NUL) below the directory `root`, no symbolic link followed on the way
 * (openat2(2), Linux 5.6). The caller closes it. @throws SyscallError
 */
export function openBelow(root: number, name: Uint8Array, flags: number): Fd {
  const path = new Uint8Array(name.length + 1);
  path.set(name);
  const resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  return openResolved(root, path, flags, resolve, 'a file below a root');
}

/**
 * Opens a path as a process with the root directory `root` would: absolute links and `..` stay inside. The caller
 * closes it. @throws SyscallError
 */
export function openInRoot(root: number, path: string, flags: number): Fd {
  return openResolved(root, cString(path), flags, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS, path);
}

function openResolved(root: number, path: Uint8Array, flags: number, resolve: number, what: string): Fd {
  // struct open_how: flags, mode, resolve
  const how = new StructWriter(24).u64(0, flags | O_CLOEXEC).u64(16, resolve).bytes;
  return new Fd(syscall(`openat2(${what})`, SYS.openat2, root, path, how, how.length), what);
}

/**
 * Opens the same file as `descriptor`, even if it has no name, through the mount of the directory `mount` (not
 * O_PATH), which must be of the same file system. The caller closes it.
 *
 * @throws SyscallError; EOPNOTSUPP if the file system has no handles, ESTALE if it does not find the file
 */
export function openSameFile(descriptor: number, mount: number, flags: number): Fd {
  // struct file_handle: handle_bytes, handle_type, f_handle
  const handle = new StructWriter(8 + MAX_HANDLE).u32(0, MAX_HANDLE).bytes;
  const mountId = new Uint8Array(8);
  const named = trySyscall(
    SYS.name_to_handle_at,
    descriptor,
    new Uint8Array(1),
    handle,
    mountId,
    AT_EMPTY_PATH,
  );
  if (named < 0) throw new SyscallError('name_to_handle_at', -named);
  const opened = trySyscall(SYS.open_by_handle_at, mount, handle, flags | O_CLOEXEC);
  if (opened < 0) throw new SyscallError('open_by_handle_at', -opened || ERRNO.ESTALE);
  return new Fd(opened, 'a file by its handle');
}
